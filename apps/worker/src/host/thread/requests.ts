import type { Backing } from '@rookery/plugin-kit';
import { parseAction, RookeryError, toError, type ActionId, type ActionResult, type Clock } from '@rookery/protocol';
import type { HandlerCall } from '../plugin-host';
import type { Deadline } from '../deadline';
import type { Batch } from './batch';
import type { Answered, FromThread, Problem, ToThread } from './messages';

type Message<Type extends FromThread['type']> = Extract<FromThread, { readonly type: Type }>;

/** A call as far as what its handler asks for is concerned. */
export interface Caller {
  readonly call: HandlerCall;
  readonly deadline: Deadline;
  /** Why it was given up, once it was. */
  readonly givenUp?: RookeryError | undefined;
}

/** What the handlers of a thread ask for: hands it to the outbox or the backing of their call, and the answer back. */
export class Requests {
  constructor(
    private readonly batch: Batch<ToThread>,
    private readonly clock: Clock,
    private readonly callerOf: (call: number) => Caller | undefined,
  ) {}

  ask({ call, ask, action: json, deadlineMs }: Message<'ask'>): void {
    const caller = this.callerOf(call);
    const action = parseAction(JSON.parse(json));
    if (!caller || caller.givenUp) {
      const message = `${action.name} was asked after the handler was given up`;
      const error = { code: 'ACTION_LATE' as const, message };
      const endedAt = this.clock.now();
      return this.#answer(call, ask, { id: action.id, self: action.self, outcome: 'refused', error, endedAt });
    }
    const { queued, result } = caller.call.outbox.ask(action, caller.deadline.signal, deadlineMs);
    void queued.then(() => this.batch.add({ type: 'queued', ask }));
    void result.then((known) => this.#answer(call, ask, { ...known, id: action.id satisfies ActionId }));
  }

  post({ call, ask, action }: Message<'post'>): void {
    const caller = this.callerOf(call);
    if (!caller || caller.givenUp) {
      const error = { code: 'ACTION_LATE' as const, message: 'the handler was given up before its reply was stored' };
      return this.batch.add({ type: 'posted', ask, error });
    }
    caller.call.outbox.post(parseAction(JSON.parse(action)), caller.deadline).then(
      () => this.batch.add({ type: 'posted', ask }),
      (thrown: unknown) => this.batch.add({ type: 'posted', ask, error: problem(thrown) }),
    );
  }

  /** Resolves when what a handler returned is stored; rejects when it could not be. Nothing is left of a handler that was given up. */
  leave({ call, action: json }: Message<'leave'>): Promise<void> {
    const caller = this.callerOf(call);
    if (!caller || caller.givenUp) return Promise.resolve();
    return caller.call.outbox.post(parseAction(JSON.parse(json)), caller.deadline);
  }

  /** Never rejects. */
  async request({ call, ask, method, argument }: Message<'request'>): Promise<void> {
    const answer = (answered: Answered) => this.batch.add({ type: 'answered', call, ask, answer: answered });
    const caller = this.callerOf(call);
    if (!caller || caller.givenUp) {
      return answer({ error: { code: 'ACTION_LATE', message: `${method} was asked after the handler was given up` } });
    }
    try {
      answer({ value: await perform(caller.call.backing, method, argument) });
    } catch (thrown) {
      answer({ error: problem(thrown) });
    }
  }

  #answer(call: number, ask: number, result: ActionResult): void {
    this.batch.add({ type: 'result', call, ask, result });
  }
}

function problem(thrown: unknown): Problem {
  return { code: thrown instanceof RookeryError ? thrown.code : 'INTERNAL', message: toError(thrown).message };
}

function perform(backing: Backing, method: keyof Backing, argument: string): Promise<unknown> {
  // The thread runs our own context: what it sends has the shape that the method takes.
  const call = backing[method] as (argument: unknown) => Promise<unknown>;
  return call.call(backing, JSON.parse(argument));
}
