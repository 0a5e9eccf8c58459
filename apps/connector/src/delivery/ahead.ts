import type { Candidate, SendLane } from '@rookery/redis';

/** So long a candidate counts that was found with another one; what arrives meanwhile is younger than it. */
const FRESH_MS = 100;

/** What the last look at the queue found behind the candidate that it handed out: the next ones of the same lane, each of another room. */
export class Ahead {
  #found: Candidate[] = [];
  #till = 0;
  /** Their turn was before that of these, and the look found nothing in them. */
  #empty: readonly SendLane[] = [];

  /** `lanes`: in the order in which the look served them; `now`, here and below: monotonic, ms. */
  keep(found: readonly Candidate[], lanes: readonly SendLane[], now: number): void {
    this.#found = [...found];
    this.#till = now + FRESH_MS;
    this.#empty = before(found[0]?.lane, lanes) ?? [];
  }

  clear(): void {
    this.#found = [];
  }

  /**
   * The next one that a look would find now too: it is its lane's turn, or that of a lane in which nothing waited; of no room in hand and
   * no kind that is shut.
   */
  take(
    lanes: readonly SendLane[],
    inHand: readonly string[],
    isShut: (kind: Candidate['actionKind']) => boolean,
    now: number,
  ): Candidate | undefined {
    const sooner = before(this.#found[0]?.lane, lanes);
    const isTheirTurn = sooner?.every((lane) => this.#empty.includes(lane)) ?? false;
    if (now >= this.#till || !isTheirTurn) this.clear();
    const at = this.#found.findIndex(({ room, actionKind }) => !inHand.includes(room) && !isShut(actionKind));
    return at < 0 ? undefined : this.#found.splice(at, 1)[0];
  }
}

/** Undefined where it is none of them. */
function before(lane: SendLane | undefined, lanes: readonly SendLane[]): readonly SendLane[] | undefined {
  const at = lane === undefined ? -1 : lanes.indexOf(lane);
  return at < 0 ? undefined : lanes.slice(0, at);
}
