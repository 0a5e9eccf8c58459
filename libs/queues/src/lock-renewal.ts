import { RookeryError, toError, type Clock, type SlotMap } from '@rookery/protocol';
import { LOCK_MS } from './queue-backend';

/** A job in hand. */
export interface Locked {
  readonly token: string;
  /** It has come to its end here, and Redis is being told so. */
  readonly ending: boolean;
}

export interface LockRenewalOptions {
  /** By the ids of their jobs; read at each renewal. */
  readonly inHand: Pick<SlotMap<string, Locked>, 'size' | 'get' | 'keys' | 'values'>;
  /** Resolves with the ids of those whose lock is another's or gone. */
  readonly extend: (ids: string[], tokens: string[], ms: number) => Promise<readonly string[]>;
  readonly clock: Clock;
  readonly onTrouble: (error: Error) => void;
}

/** Where Redis did not renew the locks: so that they live through as long a refusal as they can. */
const RENEWED_AGAIN_MS = 1_000;

/** Keeps the locks of what is in hand alive, by one call for all of them. */
export class LockRenewal {
  #isStopped = false;
  #cancel: () => void = () => undefined;

  constructor(private readonly options: LockRenewalOptions) {}

  start(ms = LOCK_MS / 2): void {
    this.#cancel = this.options.clock.after(ms, () => {
      void this.#renew().then((isRenewed) => {
        if (!this.#isStopped) this.start(isRenewed ? LOCK_MS / 2 : RENEWED_AGAIN_MS);
      });
    });
  }

  /** When nothing is in hand any more. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  /** False: Redis did not take it. */
  async #renew(): Promise<boolean> {
    const { inHand, extend, onTrouble } = this.options;
    if (inHand.size === 0) return true;
    const tokens = [...inHand.values()].map(({ token }) => token);
    try {
      for (const id of await extend([...inHand.keys()], tokens, LOCK_MS)) {
        // One that was ended while the renewal was on its way has no lock any more, and needs none.
        if (inHand.get(id)?.ending !== false) continue;
        onTrouble(new RookeryError('INTERNAL', `the lock of envelope ${id} was lost`));
      }
      return true;
    } catch (error) {
      onTrouble(toError(error));
      return false;
    }
  }
}
