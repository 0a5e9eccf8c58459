import { SECOND, toError, type Clock, type SelfId } from '@rookery/protocol';

/** Where the accounts of the cluster are registered. */
export interface AccountList {
  list(): Promise<readonly { readonly self: SelfId }[]>;
  version(): Promise<number>;
}

/** A lost notice of a change costs at most this long. */
const LOOK_MS = 10 * SECOND;

/**
 * The numbers of all accounts of the cluster, those added at run time included: what they say is never dispatched, and who
 * mentions one of them means us. The set stays the same object and follows the registry.
 */
export class FleetNumbers {
  readonly #numbers: Set<string>;
  #version: number | undefined;
  #looking: Promise<void> = Promise.resolve();
  #cancel: () => void = () => undefined;

  /** `configured`: the numbers of the file, which are ours whatever the registry says. */
  constructor(
    private readonly accounts: AccountList,
    private readonly configured: readonly string[],
    private readonly clock: Clock,
    private readonly onTrouble: (error: Error) => void,
  ) {
    this.#numbers = new Set(configured);
  }

  get numbers(): ReadonlySet<string> {
    return this.#numbers;
  }

  /** Resolves when the registry has been looked at once. */
  async start(): Promise<void> {
    await this.look();
    this.#cancel = this.clock.after(LOOK_MS, () => void this.start());
  }

  stop(): void {
    this.#cancel();
  }

  /** Something may have changed. Never rejects. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#read()).catch((thrown: unknown) => this.onTrouble(toError(thrown)));
    return this.#looking;
  }

  async #read(): Promise<void> {
    // Before the accounts: what changes in between is read again the next time.
    const version = await this.accounts.version();
    if (version === this.#version) return;
    const now = new Set([...this.configured, ...(await this.accounts.list()).map(({ self }) => String(self))]);
    for (const number of this.#numbers) if (!now.has(number)) this.#numbers.delete(number);
    for (const number of now) this.#numbers.add(number);
    this.#version = version;
  }
}
