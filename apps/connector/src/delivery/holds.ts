import type { Action, Chat, HoldReason, SelfId } from '@rookery/protocol';

export interface Hold {
  readonly reason: HoldReason;
  /** `account`: nothing of the account may leave. `chat`: only what goes to this chat waits, everything else goes on. */
  readonly scope: 'account' | 'chat';
  /** When it ends by itself, milliseconds since 1970; absent where only an event ends it. */
  readonly until?: number;
}

/**
 * What keeps actions back besides limits: mutes, open breakers, operators. Asked for each action directly before it is admitted,
 * so it must answer at once, from memory. Reads are not asked for.
 */
export interface Holds {
  of(self: SelfId, action: Action, chat: Chat): Hold | undefined;
  /**
   * `listener` is called whenever holds of an account change, so that what they kept back is looked at again. Without `chat` all
   * chats of the account may be concerned.
   */
  onChanged(listener: (self: SelfId, chat?: Chat) => void): void;
}
