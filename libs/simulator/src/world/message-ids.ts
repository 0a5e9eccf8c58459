import { hash } from 'node:crypto';
import { fingerprint } from '../random';
import type { Said } from './conversation';

/** NapCat keeps the newest 5,000 ids of a process, first in first out. */
const TABLE_SIZE = 5000;

/**
 * The number NapCat makes of a message: the first 4 bytes of md5("msgId|chatType|peerUid") with the top bit cleared. msgId
 * is the kernel's 64-bit id, time in the upper half and a value local to the account in the lower; so the same group
 * message has another id at every account, and the same id again when it is read from history after a restart.
 */
function messageIdOf(self: string, said: Said): number {
  const peer = said.chat.scene.kind === 'group' ? said.chat.scene.groupId : `u_${said.chat.peerOf(self) ?? self}`;
  const chatType = said.chat.scene.kind === 'group' ? 2 : 1;
  return (
    Number.parseInt(hash('md5', `${kernelMessageId(self, said)}|${chatType}|${peer}`).slice(0, 8), 16) & 0x7fffffff
  );
}

/** The kernel's 64-bit id as decimal text; larger than 2^53. */
export function kernelMessageId(self: string, said: Said): string {
  return ((BigInt(said.time) << 32n) | BigInt(fingerprint(`${self}|${said.chat.key}|${said.seq}`))).toString();
}

/** The id table of one NapCat process: bounded, in memory, gone after a restart. */
export class MessageIds {
  private readonly table = new Map<number, Said>();
  /** The newest entry: a message is registered when it is said and asked for again at once when its frame is made. */
  private newest: { readonly said: Said; readonly id: number } | undefined;

  constructor(private readonly self: string) {}

  /** The account's id of a message, known from now on. */
  register(said: Said): number {
    if (this.newest?.said === said) return this.newest.id;
    const id = messageIdOf(this.self, said);
    const known = this.table.get(id);
    if (known === said) return id;
    // NapCat: a 31-bit collision empties the whole table.
    if (known !== undefined) this.table.clear();
    this.table.set(id, said);
    if (this.table.size > TABLE_SIZE) {
      for (const oldest of this.table.keys()) {
        this.table.delete(oldest);
        break;
      }
    }
    this.newest = { said, id };
    return id;
  }

  get(id: number): Said | undefined {
    return this.table.get(id);
  }

  get size(): number {
    return this.table.size;
  }

  /** What a restart of the process does. */
  forget(): void {
    this.table.clear();
    this.newest = undefined;
  }
}
