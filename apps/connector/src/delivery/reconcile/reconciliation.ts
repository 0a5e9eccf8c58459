import { EventEmitter } from 'node:events';
import {
  messageId,
  pause,
  SECOND,
  MINUTE,
  toError,
  type Action,
  type ActionResult,
  type MessageEvent,
  type SelfId,
} from '@rookery/protocol';
import type { Claims } from '../ports';
import type { Likeness } from './account-search';
import { emptyAccount, targetsOf, type DoubtfulAccount, type Sought } from './doubtful-account';
import { begunByTheDead, likenessOf, messageIdOf, sentAs, withReference, type AskedAction } from './doubtful-results';
import type { DecidedBy, ReconciliationEvents, ReconciliationOptions } from './reconciliation-options';

/** Whoever asked is told within this time that the outcome is unknown; most reports of own messages come sooner. */
const HOLD_MS = 5 * SECOND;
/** When history is read, after the outcome became doubtful. The last one ends the search: NapCat reports no message later. */
const LOOKS_MS = [0, 4 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE] as const;
const SEARCH_MS = 10 * MINUTE;
const RETRY_MS = SECOND;
/** Redis may be away for longer than that; the claim then stays open, and the next holder of the account finds it. */
const RECORD_TRIES = 30;

/**
 * Finds out what came of actions whose outcome is unknown: a reply that timed out, a connection that was lost after writing, a process
 * that died. Nothing is ever sent again for that. The claim stays open meanwhile, so that the search survives this process.
 *
 * begun      claimed here and under way. Left when the claims record or release it.
 * sought     the outcome is in doubt. The account's own messages, live and from history, are compared with what was sent. Left when
 *            one fits (→ `sent`), a late reply comes, the account leaves this node, or after ten minutes.
 * told       whoever asked was given `unknown`, after five seconds; the search goes on and corrects the record.
 */
export class Reconciliation extends EventEmitter<ReconciliationEvents> implements Claims {
  readonly #accounts = new Map<SelfId, DoubtfulAccount>();
  /** What is being told of accounts that have left. */
  readonly #leaving = new Set<Promise<void>>();

  constructor(private readonly options: ReconciliationOptions) {
    super();
  }

  /** Actions whose outcome is being sought. */
  get seeking(): number {
    let sum = 0;
    for (const { sought } of this.#accounts.values()) sum += sought.size;
    return sum;
  }

  async claim(...asked: Parameters<Claims['claim']>): ReturnType<Claims['claim']> {
    const claim = await this.options.claims.claim(...asked);
    this.claimed(asked[0], claim);
    return claim;
  }

  /** What came of somebody's claim, who then ends the action with `record` or `release`. */
  claimed(action: Action, claim: Awaited<ReturnType<Claims['claim']>>): void {
    const { begun, search, replayed } = this.#account(action.self);
    if (claim.kind === 'ended') replayed.add(action.id);
    if (claim.kind !== 'taken') return;
    const likeness = likenessOf(action);
    begun.set(action.id, { action, likeness, at: this.options.clock.now() });
    if (likeness) search.begin(action.id, likeness);
    this.emit('begun', action);
  }

  async endUnbegun(result: ActionResult): Promise<ActionResult | undefined> {
    const stands = await this.options.claims.endUnbegun(result);
    if (stands !== undefined && stands !== result) this.#account(result.self).replayed.add(result.id);
    return stands;
  }

  async release(...asked: Parameters<Claims['release']>): Promise<boolean> {
    const [action] = asked;
    const { begun, search } = this.#account(action.self);
    const likeness = begun.get(action.id)?.likeness;
    begun.delete(action.id);
    if (likeness) {
      search.end(action.id, likeness);
      this.#decide(action.self, likeness);
    }
    this.emit('released', action);
    return await this.options.claims.release(...asked);
  }

  /** Keeps a certain outcome, and with it goes the `job`, where there is one; one that is unknown is kept when it is told. */
  async record(result: ActionResult, { job }: { readonly job?: string | undefined } = {}): Promise<ActionResult> {
    const { begun, sought, search } = this.#account(result.self);
    const known = begun.get(result.id);
    const doubtful = sought.get(result.id);
    if (result.outcome === 'unknown') {
      if (known) this.emit('answered', known.action, result);
      return result;
    }
    const likeness = known?.likeness ?? doubtful?.likeness;
    const id = messageIdOf(result);
    const seen = likeness && id !== undefined ? search.answered(result.id, likeness, id) : undefined;
    if (likeness && id === undefined) search.end(result.id, likeness);
    const full = withReference(result, likeness, seen);
    begun.delete(result.id);
    if (known) this.emit('answered', known.action, full);
    if (doubtful) this.#end(result.self, doubtful);
    const stands = await this.options.claims.record(full, { job });
    if (doubtful) this.#tellDecided(doubtful, stands, 'reply');
    if (likeness) this.#decide(result.self, likeness);
    return stands;
  }

  /** What delivery ended with; `told` follows now, or when it is decided. */
  take(action: Action, result: ActionResult): void {
    const { begun, replayed } = this.#account(action.self);
    const known = begun.get(action.id);
    begun.delete(action.id);
    if (replayed.delete(action.id) || result.outcome !== 'unknown') this.emit('told', action, result);
    else if (known) this.#doubt(action, known.likeness, known.at, result);
    else void this.#takeOver(action, result);
  }

  /** The account has said something. */
  heard(event: MessageEvent): void {
    const account = event.own ? this.#accounts.get(event.self) : undefined;
    const likeness = account?.search.see(event);
    if (likeness) this.#decide(event.self, likeness);
  }

  /** The account can be asked: what is in doubt is looked for, also what predecessors left behind. */
  async linkUp(self: SelfId): Promise<void> {
    const account = this.#account(self);
    for (const target of targetsOf(account)) void this.#look(self, target);
    await this.#recovered(self, account);
  }

  /**
   * The account left this node. Its next holder, if there is one, goes on with the search; whoever asked is told now that the outcome
   * is unknown.
   */
  forget(self: SelfId): void {
    for (const sought of this.#accounts.get(self)?.sought.values() ?? []) {
      for (const cancel of sought.cancels) cancel();
      if (sought.isTold) continue;
      const telling = this.#tellUnknown(sought, 1).finally(() => this.#leaving.delete(telling));
      this.#leaving.add(telling);
    }
    this.#accounts.delete(self);
  }

  /** Resolves when everybody who asked is told. Does not wait for a Redis that is away: the claims then stay open. */
  async close(): Promise<void> {
    for (const self of [...this.#accounts.keys()]) this.forget(self);
    await Promise.all(this.#leaving);
  }

  #account(self: SelfId): DoubtfulAccount {
    let account = this.#accounts.get(self);
    if (!account) {
      account = emptyAccount(this.options.clock);
      this.#accounts.set(self, account);
    }
    return account;
  }

  /** Somebody else had begun it, and nothing is recorded. */
  async #takeOver(action: Action, result: ActionResult): Promise<void> {
    const account = this.#account(action.self);
    await this.#recovered(action.self, account);
    const sought = account.sought.get(action.id);
    if (!sought) this.#doubt(action, likenessOf(action), action.createdAt, result);
    else if (sought.isTold) this.emit('told', action, sought.unknown);
    else sought.asked = action;
  }

  /** What cannot be looked for stays unknown. */
  #doubt(asked: AskedAction, likeness: Likeness | undefined, begunAt: number, unknown: ActionResult): void {
    if (likeness && this.options.clock.now() - begunAt < SEARCH_MS) this.#seek(asked, likeness, begunAt, unknown);
    else void this.#keep(unknown, false).then((stands) => this.emit('told', asked, stands));
  }

  async #recovered(self: SelfId, account: DoubtfulAccount): Promise<void> {
    account.recovery ??= this.#recover(self, account).catch((error: unknown) => {
      account.recovery = undefined;
      this.emit('trouble', toError(error));
    });
    await account.recovery;
  }

  async #recover(self: SelfId, account: DoubtfulAccount): Promise<void> {
    const open = await this.options.claims.open(self);
    const left = open.filter(({ id }) => !account.begun.has(id) && !account.sought.has(id));
    if (left.length === 0) return;
    for (const id of await this.options.claims.sentMessages(self)) account.search.account(messageId(id));
    for (const { at, target, content, ...rest } of left) {
      const asked = { ...rest, self, createdAt: at };
      const likeness = target !== undefined && content !== undefined ? { target, content } : undefined;
      this.#doubt(asked, likeness, at, begunByTheDead(asked, this.options.clock.now()));
    }
  }

  #seek(asked: AskedAction, likeness: Likeness, begunAt: number, unknown: ActionResult): void {
    const { self, id } = asked;
    const { search, sought } = this.#account(self);
    const { clock } = this.options;
    const cancels = LOOKS_MS.map((ms) => clock.after(ms, () => void this.#look(self, likeness.target)));
    const entry: Sought = { asked, likeness, unknown, isTold: false, cancels };
    cancels.push(
      clock.after(HOLD_MS, () => void this.#tellUnknown(entry)),
      clock.after(SEARCH_MS + HOLD_MS, () => this.#giveUp(entry)),
    );
    sought.set(id, entry);
    search.doubt(id, likeness, begunAt);
    this.#decide(self, likeness);
  }

  async #look(self: SelfId, target: string): Promise<void> {
    const account = this.#accounts.get(self);
    if (account === undefined || !targetsOf(account).has(target)) return;
    try {
      for (const event of await this.options.readHistory(self, target)) this.heard(event);
    } catch (error) {
      this.emit('trouble', toError(error));
    }
  }

  #decide(self: SelfId, likeness: Likeness): void {
    const account = this.#accounts.get(self);
    for (const [id, message] of account?.search.decide(likeness) ?? []) {
      const found = account?.sought.get(id);
      if (!found) continue;
      this.#end(self, found);
      const result = sentAs(found, message, this.options.clock.now());
      void this.#keep(result, false).then((stands) => this.#tellDecided(found, stands, 'message'));
    }
  }

  #tellDecided({ asked, isTold }: Sought, result: ActionResult, by: DecidedBy): void {
    if (isTold) this.emit('corrected', asked, result, by);
    else {
      this.emit('told', asked, result);
      this.emit('found', asked, by);
    }
  }

  async #tellUnknown(sought: Sought, tries?: number): Promise<void> {
    sought.isTold = true;
    this.emit('told', sought.asked, await this.#keep(sought.unknown, true, tries));
  }

  #giveUp(sought: Sought): void {
    const { self, id } = sought.asked;
    this.#end(self, sought);
    this.#account(self).search.end(id, sought.likeness);
    this.options.claims.forgetOpen(self, [id]).catch((error: unknown) => this.emit('trouble', toError(error)));
  }

  #end(self: SelfId, sought: Sought): void {
    for (const cancel of sought.cancels) cancel();
    this.#account(self).sought.delete(sought.asked.id);
  }

  /** Until it is stored, or was tried so often. Returns the outcome that stands. */
  async #keep(result: ActionResult, isSought: boolean, mostTries = RECORD_TRIES): Promise<ActionResult> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.options.claims.record(result, { isSought });
      } catch (error) {
        this.emit('trouble', toError(error));
        if (tries === mostTries) return result;
        await pause(this.options.clock, RETRY_MS);
      }
    }
  }
}
