import type { Lane } from '@rookery/protocol';

type Paced = Exclude<Lane, 'read'>;

/** After so many sends of more urgent lanes a lane that waits is served first: so of every 10 sends it has at least 2, and 1. */
const PATIENCE = { normal: 3, bulk: 9 } as const;

/** In which order the lanes of one account are served: by urgency, but so that none starves. Counts sends, knows no time. */
export class LaneShare {
  #passed = { normal: 0, bulk: 0 };

  order(): readonly Paced[] {
    const due = (['bulk', 'normal'] as const).filter((lane) => this.#passed[lane] >= PATIENCE[lane]);
    const rest = (['interactive', 'normal', 'bulk'] as const).filter(
      (lane) => !(due as readonly Paced[]).includes(lane),
    );
    return [...due, ...rest];
  }

  /** How many sends of a lane may leave in a row, as far as what waits in other lanes knows. */
  inARow(lane: Paced): number {
    if (lane !== 'interactive' && this.#passed[lane] >= PATIENCE[lane]) return 1;
    const others = (['normal', 'bulk'] as const).filter((other) => other !== lane);
    const left = others.map((other) => PATIENCE[other] - this.#passed[other]).filter((sends) => sends > 0);
    return Math.min(...left, PATIENCE.bulk);
  }

  /** One send left. A lane that had nothing to send is passed over too: what it gains is one send, not a burst. */
  sent(lane: Paced): void {
    const { normal, bulk } = this.#passed;
    this.#passed = {
      normal: lane === 'normal' ? 0 : Math.min(normal + 1, PATIENCE.normal),
      bulk: lane === 'bulk' ? 0 : Math.min(bulk + 1, PATIENCE.bulk),
    };
  }
}
