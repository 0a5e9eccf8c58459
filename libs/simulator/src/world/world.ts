import { EventEmitter } from 'node:events';
import { toSegments, type Clock, type MessageLike, type Random, type Segment } from '@rookery/protocol';
import type { Account } from './account';
import { Audit, type SentFilter, type SentRecord } from './audit';
import { asReceived } from './content';
import type { Chat, Said } from './conversation';
import { Directory } from './directory';
import { messageFrame } from './message-frame';
import { Notices } from './notices';
import { Requests } from './requests';

/** Where somebody speaks: in a group, or to one of our accounts, perhaps in a temporary session from a group. */
export type Where = { readonly group: string } | { readonly private: string; readonly viaGroup?: string };

interface WorldOptions {
  readonly clock: Clock;
  readonly random: Random;
}

interface WorldEvents {
  said: [Said];
}

/**
 * A small QQ: people, groups, friendships, and everything said. It hands each account its own copy of what happens, as
 * that account's NapCat would report it. Time and randomness are passed in, so the same seed tells the same story.
 */
export class World extends EventEmitter<WorldEvents> {
  readonly directory: Directory;
  readonly audit = new Audit();
  readonly notices: Notices;
  readonly requests: Requests;
  /** Merged messages by the id under which they can be read. */
  readonly forwards = new Map<string, readonly Segment[]>();

  constructor(private readonly options: WorldOptions) {
    super();
    this.directory = new Directory(options.clock, options.random);
    this.notices = new Notices(this.directory);
    this.requests = new Requests(this.directory, options.clock);
  }

  /** World time, milliseconds since 1970. */
  now(): number {
    return this.options.clock.now();
  }

  /** Somebody says something. A string is plain text; a quote is `{ type: 'reply', data: { seq } }`. */
  say(userId: string, where: Where, message: MessageLike): Said {
    const chat =
      'group' in where
        ? this.directory.group(where.group).chat
        : this.directory.privateChat(this.directory.account(where.private).self, userId, where.viaGroup);
    return this.append(chat, userId, toSegments(message).map(asReceived));
  }

  /** Adds a message in received form to a chat and reports it to every account that can see it. */
  append(chat: Chat, userId: string, segments: readonly Segment[]): Said {
    const { directory } = this;
    const said = chat.append(userId, directory.seconds, segments);
    if (chat.scene.kind === 'group') {
      const member = directory.group(chat.scene.groupId).members.get(userId);
      if (member !== undefined) member.lastSentAt = said.time;
    }
    for (const account of this.audience(chat)) {
      account.ids.register(said);
      account.sink?.deliver((format) => messageFrame(directory, account, said, format), userId === account.self);
    }
    this.emit('said', said);
    return said;
  }

  /** Takes a message back; `operator` is its author or an admin. */
  recall(said: Said, operator: string): void {
    said.recalled = true;
    this.notices.recall(said, operator, this.audience(said.chat));
  }

  /** What the accounts sent, oldest first. */
  sent(filter?: SentFilter): SentRecord[] {
    return this.audit.sent(filter);
  }

  /** Calls for every effect of an action from now on; the returned function ends that. */
  onSent(listener: (record: SentRecord) => void): () => void {
    this.audit.on('sent', listener);
    return () => this.audit.off('sent', listener);
  }

  private audience(chat: Chat): Iterable<Account> {
    if (chat.scene.kind === 'group') return this.directory.accountsIn(this.directory.group(chat.scene.groupId));
    return chat.scene.between.flatMap((userId) => this.directory.accounts.get(userId) ?? []);
  }
}
