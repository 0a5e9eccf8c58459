import { EventEmitter } from 'node:events';
import type { AnswerRecord, Clock, Event, MessageEvent, MessageHead } from '@rookery/protocol';
import type { SuspendedHandling } from '@rookery/redis';
import type { Dispatcher } from './dispatcher';
import type { PendingAsks } from './pending-asks';
import type { Match } from './route';
import type { Settled } from './settled';

/** How a question ended, as a closed set. `declined`: the message was none to it, and it stays. */
export type DialogEnd = 'answered' | 'timeout' | 'declined' | 'abandoned';

export interface DialogsEvents {
  /** `abandoned`: the plugin that asked is not there any more. */
  ended: [suspended: SuspendedHandling, how: DialogEnd];
}

export interface DialogsOptions {
  readonly dispatcher: Pick<Dispatcher, 'mayWant' | 'match' | 'run' | 'resume'>;
  readonly asks: PendingAsks;
  readonly clock: Clock;
}

/**
 * Stands before the dispatcher: what somebody says who was asked something goes to the handler that asked, and to all others only
 * if it was no answer.
 */
export class Dialogs extends EventEmitter<DialogsEvents> {
  constructor(private readonly options: DialogsOptions) {
    super();
  }

  /** False only where {@link match} would find nothing. */
  mayWant(message: MessageHead): boolean {
    const { dispatcher, asks } = this.options;
    return dispatcher.mayWant(message) || asks.answeredBy(message) !== undefined;
  }

  match(event: Event): readonly Match[] {
    const { dispatcher, asks } = this.options;
    const asked = event.type === 'message' ? asks.answeredBy(event) : undefined;
    if (event.type !== 'message' || !asked) return dispatcher.match(event);
    const route = { plugin: asked.plugin, handler: asked.handler, command: true, answers: true } as const;
    return [{ route, rest: event.segments }];
  }

  async run(event: Event, matches: readonly Match[]): Promise<Settled> {
    const { dispatcher, asks } = this.options;
    if (event.type !== 'message' || matches[0]?.route.answers !== true) return dispatcher.run(event, matches);
    // Another message may have been the answer since this one came.
    const asked = asks.answeredBy(event);
    const settled = asked && (await this.#resume(asked, this.#answer(event)));
    if (settled) return settled;
    const others = dispatcher.match(event);
    return others.length === 0 ? { result: 'unmatched' } : dispatcher.run(event, others);
  }

  /** In the turn of its conversation: tells the handler that no answer came, unless one came meanwhile. */
  async expire({ id, ask }: SuspendedHandling): Promise<void> {
    const asked = this.options.asks.get(id);
    if (asked?.ask.step === ask.step) await this.#resume(asked, { kind: 'timeout', at: this.options.clock.now() });
  }

  /** Undefined when the message is for others. */
  async #resume(asked: SuspendedHandling, answer: AnswerRecord): Promise<Settled | undefined> {
    const { dispatcher, asks } = this.options;
    const { settled, waits } = await dispatcher.resume(asked, isTaken(asked, answer) ? undefined : answer);
    const abandoned = settled.result === 'skipped';
    const how = abandoned ? 'abandoned' : waits === 'declined' ? 'declined' : answer.kind;
    this.emit('ended', asked, how === 'answer' ? 'answered' : how);
    if (abandoned || waits === 'no') await asks.end(asked);
    return abandoned || waits === 'declined' ? undefined : settled;
  }

  #answer(event: MessageEvent): AnswerRecord {
    const { id, self, segments, seq, messageId, receivedAt } = event;
    const isCommand = this.options.dispatcher.match(event).some(({ route }) => route.command);
    return {
      kind: 'answer',
      event: id,
      self,
      segments,
      ...(seq !== undefined && { seq }),
      ...(messageId !== undefined && { messageId }),
      at: receivedAt,
      ...(isCommand && { command: true }),
    };
  }
}

/** A worker went down after the handler had taken this answer and asked again: it only has to ask that once more. */
function isTaken({ journal = [] }: SuspendedHandling, answer: AnswerRecord): boolean {
  if (answer.kind !== 'answer') return false;
  const taken = journal.map(({ step, value }) => (step === 'ask' ? (value as AnswerRecord) : undefined));
  return taken.some((record) => record?.kind === 'answer' && record.event === answer.event);
}
