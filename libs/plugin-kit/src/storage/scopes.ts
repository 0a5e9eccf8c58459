import {
  RookeryError,
  type ConversationKey,
  type Event,
  type SelfId,
  type StorageAnswer,
  type StorageOperation,
  type StorageScope,
  type UserId,
} from '@rookery/protocol';
import type { Handling } from '../handling/handling';
import { Values } from './storage';

/** A plugin's values, apart for each of these. No other plugin sees them. */
export interface Storage {
  /** Of the person whom the event is about or who spoke, wherever that is. Throws STATE_REFUSED where there is none. */
  readonly user: Values;
  /** Of the group as this pool sees it, or of the private chat. */
  readonly conversation: Values;
  /** Of the account that saw the event. */
  readonly account: Values;
  readonly pool: Values;
  readonly global: Values;
  /** Of another person. */
  ofUser(user: UserId): Values;
  /** Of another conversation. */
  ofConversation(conversation: ConversationKey): Values;
  /** Of another account. */
  ofAccount(self: SelfId): Values;
}

/** The storage as one handling sees it: every operation is a step of its journal. */
export class HandlingStorage implements Storage {
  readonly #handling: Handling;

  constructor(handling: Handling) {
    this.#handling = handling;
  }

  get user(): Values {
    const user = userOf(this.#handling.event);
    if (user === undefined) throw new RookeryError('STATE_REFUSED', 'the event is about no person: use another scope');
    return this.ofUser(user);
  }

  get conversation(): Values {
    return this.ofConversation(this.#handling.event.conversation);
  }

  get account(): Values {
    return this.ofAccount(this.#handling.event.self);
  }

  get pool(): Values {
    return this.#values({ kind: 'pool', pool: this.#handling.event.pool });
  }

  get global(): Values {
    return this.#values({ kind: 'global' });
  }

  ofUser(user: UserId): Values {
    return this.#values({ kind: 'user', user });
  }

  ofConversation(conversation: ConversationKey): Values {
    return this.#values({ kind: 'conversation', conversation });
  }

  ofAccount(self: SelfId): Values {
    return this.#values({ kind: 'account', self });
  }

  #values(scope: StorageScope): Values {
    const handling = this.#handling;
    const run = (_: StorageScope, operation: StorageOperation): Promise<StorageAnswer> =>
      handling.step(`storage ${scope.kind} ${operation.op}`, () =>
        handling.services.backing.storage({ scope, operation }),
      );
    return new Values(scope, run);
  }
}

/** The person whom an event is about: who spoke, joined, asked. */
export function userOf(event: Event): UserId | undefined {
  switch (event.type) {
    case 'message':
      return event.sender.userId;
    case 'notice':
    case 'request':
      return event.userId;
    case 'schedule':
    case 'meta':
    case 'unknown':
      return undefined;
  }
}
