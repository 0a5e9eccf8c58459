import type { Random } from '@rookery/protocol';
import { until } from '../../e2e/support/processes';
import { FRIENDS } from '../support/cluster';
import { FAULTS, type Fault } from './faults';
import type { Ledger } from './ledger';
import type { FaultSpan, Interval } from './model';
import type { Owners } from './owners';
import type { Recovery } from './recovery';
import type { Planned } from './schedule';
import type { Stage } from './stage';

const QUIET_MS = [2_000, 4_000] as const;
/** An account that has not answered is asked anew so often. */
const ASK_AGAIN_MS = 1_500;
/** Coming back may take so long on a busy machine before a run fails; what is promised is a figure. */
const PATIENCE_MS = 90_000;
/** A Redis that forgets may also not know what it took so long before: what was said then may have come to it later. */
const FORGOTTEN_MS = 3_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Does faults to a cluster, one after the other, each once the one before is overcome. */
export class Run {
  readonly faults: FaultSpan[] = [];
  readonly forgotten: Interval[] = [];
  readonly recoveries: Recovery[] = [];
  #asked = 0;

  constructor(
    private readonly stage: Stage,
    private readonly ledger: Ledger,
    private readonly owners: Owners,
    private readonly random: Random,
  ) {}

  /** Rejects when the cluster does not come back; the span of that fault stays open to the present. */
  async one({ fault: name, draw }: Planned): Promise<void> {
    const fault = FAULTS[name];
    if (fault === undefined) throw new Error(`there is no fault ${name}: ${Object.keys(FAULTS).join(', ')}`);
    const [least, most] = QUIET_MS;
    await pause(least + this.random() * (most - least));
    const span = { fault: name, from: Date.now(), to: Number.POSITIVE_INFINITY };
    this.faults.push(span);
    const { from, questions } = await this.#suffer(fault, draw);
    const since = `${((Date.now() - from) / 1000).toFixed(1)} s after it ${fault.countedFrom === 'begin' ? 'began' : 'ended'}`;
    process.stderr.write(`${name}: over, and every account has answered, ${since}\n`);
    await this.stage.whole();
    span.to = Date.now();
    this.owners.close();
    this.recoveries.push({ fault: name, from, questions, withinSeconds: fault.recoversWithinMs / 1000 });
  }

  async #suffer(fault: Fault, draw: number): Promise<Pick<Recovery, 'from' | 'questions'>> {
    const { stage } = this;
    const begun = Date.now();
    const begin = await fault.begin(stage, draw);
    if (fault.countedFrom === 'begin') {
      const [questions] = await Promise.all([
        this.#answered(),
        pause(fault.holdMs).then(() => fault.heal?.(stage, draw)),
      ]);
      return { from: begun, questions };
    }
    await pause(fault.holdMs);
    const heal = await fault.heal?.(stage, draw);
    const since = begin ?? heal;
    const from = Date.now();
    if (since !== undefined) this.forgotten.push({ from: since - FORGOTTEN_MS, to: from });
    return { from, questions: await this.#answered() };
  }

  /** Asks every account until it has answered one of its questions; resolves with these. */
  async #answered(): Promise<Recovery['questions']> {
    const questions = new Map(this.stage.selves.map((self) => [self, [] as number[]]));
    const open = new Map(questions);
    let asked = Number.NEGATIVE_INFINITY;
    const answered = (): boolean => {
      for (const [self, own] of open) {
        if (own.some((question) => this.ledger.isAnswered(question))) open.delete(self);
      }
      if (open.size > 0 && performance.now() - asked >= ASK_AGAIN_MS) {
        asked = performance.now();
        for (const [self, own] of open) own.push(this.ledger.question(this.#friend(), { private: self }));
      }
      return open.size === 0;
    };
    await until('every account answers a new question', answered, PATIENCE_MS).catch((error: unknown) => {
      throw new Error(`${String(error)}; silent are ${[...open.keys()].join()}`);
    });
    return questions;
  }

  #friend(): string {
    return String(FRIENDS[this.#asked++ % FRIENDS.length]);
  }
}
