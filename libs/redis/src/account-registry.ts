import { EventEmitter } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { checkAccount, type AccountConfig, type RookeryConfig, type Secret } from '@rookery/config';
import { RookeryError, toError, type NodeId, type SelfId, type WantedState } from '@rookery/protocol';
import { parseStored, registration, type AccountRegistration, type StoredAccount } from './account-registration';
import type { Redis } from './client';
import { keys } from './keys';
import { COMMIT_ACCOUNTS } from './scripts/commit-accounts';
import { TokenSeal } from './token-seal';

/** An account as a connector needs it: with its token, and with what is wanted of it. */
export type RegisteredAccount = AccountConfig & {
  readonly wanted: WantedState;
  /** The connector that it was moved to; without effect while that is not there. */
  readonly pinnedTo?: NodeId;
};

export interface AccountRegistryOptions {
  readonly redis: Redis;
  /** The configuration of this process: its accounts, whose tokens are nowhere else, and the rules for tokens. */
  readonly config: Pick<RookeryConfig, 'accounts' | 'reverse'>;
  /** Without it accounts with tokens cannot be added, and those that were added elsewhere cannot be used here. */
  readonly encryptionKey?: Secret | undefined;
}

export interface AccountRegistryEvents {
  /** An account is in the registry but cannot be used by this process; the reason says why. */
  unusable: [self: string, reason: string];
}

export interface AccountChange {
  readonly wanted?: WantedState;
  /** `null` takes the pin away. */
  readonly pinnedTo?: NodeId | null;
}

const VERSION = '@version';
const ATTEMPTS = 20;

interface Snapshot {
  readonly version: number;
  readonly stored: ReadonlyMap<SelfId, StoredAccount>;
}

interface Decision {
  readonly set: readonly StoredAccount[];
  readonly remove: readonly SelfId[];
}

/**
 * Which accounts the cluster has and what is wanted of each: one hash in Redis, seeded from the configuration file. Accounts of
 * the file keep their token there; the token of an account that was added at run time is stored encrypted. Every change raises
 * the version and was decided on the version before it, so that two who change at once do not undo each other.
 */
export class AccountRegistry extends EventEmitter<AccountRegistryEvents> {
  readonly #redis: Redis;
  readonly #config: AccountRegistryOptions['config'];
  readonly #inFile: ReadonlyMap<SelfId, AccountConfig>;
  readonly #seal: TokenSeal | undefined;

  constructor({ redis, config, encryptionKey }: AccountRegistryOptions) {
    super();
    this.#redis = redis;
    this.#config = config;
    this.#inFile = new Map(config.accounts.map((account) => [account.selfId, account]));
    this.#seal = encryptionKey && new TokenSeal(encryptionKey);
  }

  /** Grows with every change; 0 before the first. */
  async version(): Promise<number> {
    return Number((await this.#redis.hget(keys.accounts(), VERSION)) ?? 0);
  }

  /** All accounts that this process can use. What it cannot use is said by `unusable`. */
  async all(): Promise<readonly RegisteredAccount[]> {
    const { stored } = await this.#read();
    const usable: RegisteredAccount[] = [];
    for (const account of stored.values()) {
      try {
        const { wanted, pinnedTo } = account;
        usable.push({ ...this.#withToken(account), wanted, ...(pinnedTo !== undefined && { pinnedTo }) });
      } catch (thrown) {
        this.emit('unusable', account.definition.selfId, toError(thrown).message);
      }
    }
    return usable;
  }

  /** All accounts, without tokens. */
  async list(): Promise<readonly AccountRegistration[]> {
    return [...(await this.#read()).stored.values()].map(registration);
  }

  /** Throws ACCOUNT_UNKNOWN. */
  async find(self: SelfId): Promise<AccountRegistration> {
    const text = await this.#redis.hget(keys.accounts(), self);
    if (text === null) throw unknownAccount(self);
    return registration(parseStored(self, text));
  }

  /**
   * Makes the registry agree with the file of this process: its accounts are taken over, also where one of the same number was
   * added at run time, and those that came from a file and are not in this one go. What is wanted of an account stays. For
   * connectors only, which read the file that counts. Tells whether anything changed.
   */
  seed(): Promise<boolean> {
    return this.#commit(({ stored }) => {
      const remove = [...stored.values()]
        .filter(({ source, definition }) => source === 'file' && !this.#inFile.has(definition.selfId))
        .map(({ definition }) => definition.selfId);
      const set = [...this.#inFile.values()].flatMap((account): StoredAccount[] => {
        const before = stored.get(account.selfId);
        const definition = withoutToken(account);
        if (before?.source === 'file' && isDeepStrictEqual({ ...before.definition }, { ...definition })) return [];
        const { wanted = 'started', pinnedTo } = before ?? {};
        return [{ v: 1, source: 'file', definition, wanted, ...(pinnedTo && { pinnedTo }), version: 0 }];
      });
      return { set, remove };
    });
  }

  /** Throws ACCOUNT_EXISTS, CONFIG_INVALID (token of another account), KEY_MISSING or KEY_WRONG. */
  async add(account: AccountConfig): Promise<void> {
    await this.#commit(({ stored }) => {
      const { selfId: self, token } = account;
      const twin = stored.get(self);
      if (twin !== undefined) {
        const place = twin.source === 'file' ? 'rookery.yaml' : 'the registry (added at run time)';
        throw new RookeryError('ACCOUNT_EXISTS', `account ${self} is already in ${place}`);
      }
      if (account.mode === 'reverse') this.#requireOwnToken(account, stored);
      const sealed = token && this.#seal?.seal(self, token);
      if (token !== undefined && sealed === undefined) throw keyMissing(self);
      const definition = withoutToken(account);
      return {
        set: [{ v: 1, source: 'added', definition, wanted: 'started', ...(sealed && { sealed }), version: 0 }],
        remove: [],
      };
    });
  }

  /** Throws ACCOUNT_UNKNOWN, ACCOUNT_IN_FILE, or ACCOUNT_CHANGED when it is not of the version that the caller saw. */
  async remove(self: SelfId, seen?: number): Promise<void> {
    await this.#commit(({ stored }) => {
      const account = presentAt(stored, self, seen);
      if (account.source === 'file') {
        throw new RookeryError(
          'ACCOUNT_IN_FILE',
          `account ${self} is defined in rookery.yaml; take it out there and restart the connectors, ` +
            `or stop it with \`rookery accounts stop ${self}\``,
        );
      }
      return { set: [], remove: [self] };
    });
  }

  /** Changes what is wanted of an account. Throws ACCOUNT_UNKNOWN, or ACCOUNT_CHANGED as `remove`. Tells whether it was a change. */
  change(self: SelfId, change: AccountChange, seen?: number): Promise<boolean> {
    return this.#commit(({ stored }) => {
      const before = presentAt(stored, self, seen);
      const { pinnedTo: pinBefore, ...rest } = before;
      const pinnedTo = change.pinnedTo === undefined ? pinBefore : (change.pinnedTo ?? undefined);
      const after = { ...rest, wanted: change.wanted ?? before.wanted, ...(pinnedTo && { pinnedTo }) };
      return { set: after.wanted === before.wanted && pinnedTo === pinBefore ? [] : [after], remove: [] };
    });
  }

  async #read(): Promise<Snapshot> {
    const { [VERSION]: version = '0', ...entries } = await this.#redis.hgetall(keys.accounts());
    const stored = new Map<SelfId, StoredAccount>();
    for (const [self, text] of Object.entries(entries)) {
      try {
        const account = parseStored(self, text);
        stored.set(account.definition.selfId, account);
      } catch (thrown) {
        this.emit('unusable', self, toError(thrown).message);
      }
    }
    return { version: Number(version), stored };
  }

  /** `decide` may run several times; what it throws ends the change. */
  async #commit(decide: (before: Snapshot) => Decision): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = await this.#read();
      const { set, remove } = decide(before);
      if (set.length === 0 && remove.length === 0) return false;
      const fields = set.flatMap((account) => [
        account.definition.selfId,
        JSON.stringify({ ...account, version: before.version + 1 }),
      ]);
      const args = [before.version, set.length, ...fields, ...remove];
      if ((await this.#redis.eval(COMMIT_ACCOUNTS, 1, keys.accounts(), ...args)) === 1) return true;
    }
    throw new RookeryError(
      'ACCOUNT_CHANGED',
      'the accounts are being changed by many at once; nothing was done, try again',
    );
  }

  #withToken({ source, definition, sealed }: StoredAccount): AccountConfig {
    const self = definition.selfId;
    if (source === 'file') {
      const own = this.#inFile.get(self);
      if (own === undefined) {
        throw new RookeryError(
          'CONFIG_INVALID',
          `account ${self} came from another process’s rookery.yaml and is not in that of this one; give all the same file`,
        );
      }
      return own;
    }
    if (sealed !== undefined && this.#seal === undefined) throw keyMissing(self);
    const token = sealed === undefined ? undefined : this.#seal?.open(self, sealed).reveal();
    return checkAccount(
      { ...definition, ...(token && { token }) },
      `account ${self} of the registry`,
      this.#config.reverse,
    );
  }

  /** It is the token that proves which account dials in. */
  #requireOwnToken(account: AccountConfig, stored: Snapshot['stored']): void {
    for (const other of stored.values()) {
      if (other.definition.mode !== 'reverse') continue;
      const token =
        other.source === 'file' ? this.#inFile.get(other.definition.selfId)?.token : this.#withToken(other).token;
      if (token?.reveal() !== account.token?.reveal()) continue;
      throw new RookeryError(
        'CONFIG_INVALID',
        `the token is also that of account ${other.definition.selfId}; each reverse account needs its own`,
      );
    }
  }
}

function withoutToken(account: AccountConfig): StoredAccount['definition'] {
  const { token: _, ...definition } = account;
  return definition;
}

function presentAt(stored: Snapshot['stored'], self: SelfId, seen: number | undefined): StoredAccount {
  const account = stored.get(self);
  if (account === undefined) throw unknownAccount(self);
  if (seen !== undefined && seen !== account.version) {
    throw new RookeryError(
      'ACCOUNT_CHANGED',
      `account ${self} was changed in the meantime (version ${account.version}, not ${seen}); look at it and decide again`,
    );
  }
  return account;
}

function unknownAccount(self: SelfId): RookeryError {
  return new RookeryError(
    'ACCOUNT_UNKNOWN',
    `the cluster has no account ${self}; \`rookery accounts list\` shows them`,
  );
}

function keyMissing(self: SelfId): RookeryError {
  return new RookeryError(
    'KEY_MISSING',
    `the token of account ${self} can only be kept in Redis encrypted, and this process has no key: set ROOKERY_KEY ` +
      '(for example from `openssl rand -base64 32`) for every process, or write the account into rookery.yaml',
  );
}
