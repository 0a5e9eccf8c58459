import { channels, type ActionResult, type NodeId } from '@rookery/protocol';

/** Sends results to the nodes that asked, all of one turn of the event loop in one message. */
export class ResultSender {
  readonly #pending = new Map<NodeId, ActionResult[]>();

  constructor(private readonly emit: (channel: string, data: unknown) => void) {}

  send(to: NodeId, result: ActionResult): void {
    if (this.#pending.size === 0) setImmediate(() => this.#flush());
    const results = this.#pending.get(to);
    if (results) results.push(result);
    else this.#pending.set(to, [result]);
  }

  #flush(): void {
    const batches = [...this.#pending];
    this.#pending.clear();
    for (const [node, results] of batches) this.emit(channels.results(node), { v: 1, results });
  }
}
