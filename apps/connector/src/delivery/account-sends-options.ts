import type { LimitsInForce } from '@rookery/pacing';
import type { Action, ActionResult, Chat, HoldReason, LimitLayerName, Random, RookeryError } from '@rookery/protocol';
import type { OutgoingSends } from '@rookery/redis';
import type { ExpiryOptions } from './expiry';
import type { Holds } from './holds';
import type { Claims } from './ports';

/** The limits that hold for one account. */
export interface AccountLimits {
  readonly timeZone: string;
  /** Since when there is the account, as its operator says, ms; undefined when nobody said so. */
  since(): number | undefined;
  inForce(): LimitsInForce;
  /** Undefined where the chat has nothing of its own. */
  inChat(chat: Chat): LimitsInForce | undefined;
}

export interface AccountSendsOptions extends ExpiryOptions {
  readonly store: Pick<
    OutgoingSends,
    'next' | 'unclaim' | 'admit' | 'reached' | 'run' | 'end' | 'setAside' | 'giveBack' | 'hold' | 'release' | 'shut'
  >;
  readonly claims: Pick<Claims, 'release' | 'endUnbegun'> & {
    /** As {@link Claims.record}; the `job` of a certain outcome ends in the same call. */
    record(result: ActionResult, how: { readonly job: string | undefined }): Promise<ActionResult>;
    /** What came of a claim that was taken with the limits. */
    claimed(action: Action, claim: Awaited<ReturnType<Claims['claim']>>): void;
  };
  readonly limits: AccountLimits;
  readonly holds: Holds;
  readonly random: Random;
  /** Something may be sent that was kept back until now. */
  readonly onReady: () => void;
  /** A send has to wait: which layer or hold says so, and for how long, ms. */
  readonly onHeld: (action: Action, why: LimitLayerName | HoldReason, ms: number) => void;
  /** What was sent before kept a send back for so many ms, which are over. */
  readonly onWaited: (action: Action, layer: LimitLayerName, ms: number) => void;
  readonly onForeign: (error: RookeryError) => void;
  /** Redis failed over one of several that were found; the others go on. */
  readonly onTrouble: (error: Error) => void;
}
