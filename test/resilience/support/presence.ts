import type { Fleet } from '@rookery/simulator';
import type { Span } from '@rookery/testing';

/** When each account had a connection to somebody who could send for it, as the simulator saw it. Accounts are attached once. */
export class Presence {
  readonly #spans = new Map<string, Span[]>();
  readonly #since = new Map<string, number>();

  constructor(fleet: Fleet) {
    for (const { selfId } of fleet.accounts) {
      this.#spans.set(selfId, []);
      const endpoint = fleet.host.endpoint(selfId);
      const note = (): void => this.#note(selfId, endpoint.clients.length > 0);
      endpoint.on('attached', note);
      endpoint.on('detached', note);
      note();
    }
  }

  /**
   * The parts of `within` in which the account was connected, each without its first `restMs`, and without `away`: times in which nobody
   * could send though a connection was there. In ms since 1970.
   */
  of(self: string, within: Span, restMs: number, away: readonly Span[]): Span[] {
    const open = this.#since.get(self);
    const all = [...(this.#spans.get(self) ?? []), ...(open === undefined ? [] : [{ from: open, to: Infinity }])];
    const rested = all.map(({ from, to }) => ({
      from: Math.max(from + restMs, within.from),
      to: Math.min(to, within.to),
    }));
    return away.reduce(without, rested).filter(({ from, to }) => to > from);
  }

  #note(self: string, isConnected: boolean): void {
    const since = this.#since.get(self);
    if (isConnected && since === undefined) this.#since.set(self, Date.now());
    if (isConnected || since === undefined) return;
    this.#since.delete(self);
    this.#spans.get(self)?.push({ from: since, to: Date.now() });
  }
}

const without = (spans: readonly Span[], hole: Span): Span[] =>
  spans.flatMap(({ from, to }) => [
    { from, to: Math.min(to, hole.from) },
    { from: Math.max(from, hole.to), to },
  ]);
