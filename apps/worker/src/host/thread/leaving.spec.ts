import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Log } from '@rookery/plugin-kit';
import { RookeryError } from '@rookery/protocol';
import { Deadline } from '../deadline';
import { Leaving, type Leaver } from './leaving';

let warnings: unknown[];
let ends: unknown[];
let cancelled: number;
let sut: Leaving;
let store: { done: () => void; fail: (thrown: unknown) => void };

function leave(id: number): Leaver {
  const leaver = {
    call: { handler: 'h', event: { id: 'm.1' } } as unknown as Leaver['call'],
    where: 'handler p.h on event m.1',
    deadline: new Deadline(),
    until: 0,
    cancel: () => void (cancelled += 1),
    end: (end: unknown) => void ends.push(end),
  };
  sut.add(id, leaver, new Promise((done, fail) => (store = { done, fail })));
  return leaver;
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

beforeEach(() => {
  [warnings, ends, cancelled] = [[], [], 0];
  const warn = (fields: object, text: string) => void warnings.push([fields, text]);
  sut = new Leaving({ warn } as unknown as Log);
});

describe('calls that only wait for what they returned to be stored', () => {
  it('end when it is, and leave no timer', async () => {
    leave(1);
    store.done();
    await turn();
    expect([ends, cancelled, sut.get(1)]).toEqual([[{ kind: 'ended' }], 1, undefined]);
  });

  it('fail when it could not be, saying why', async () => {
    leave(1);
    store.fail(new Error('Redis is away'));
    await turn();
    expect(ends).toMatchObject([
      { error: { code: 'HANDLER_FAILED', message: 'handler p.h on event m.1 threw: Redis is away' } },
    ]);
  });

  it('have not failed when the plugin may not say it: the log tells', async () => {
    leave(1);
    store.fail(new RookeryError('ACTION_NOT_GRANTED', 'p may not'));
    await turn();
    expect(ends).toEqual([{ kind: 'ended' }]);
    expect(warnings).toEqual([[{ code: 'ACTION_NOT_GRANTED', handler: 'h', event: 'm.1' }, 'refused: p may not']]);
  });

  it('end once, at their deadline or with the worker, and whoever stores is told', async () => {
    const [late, stopped] = [leave(1), leave(2)];
    sut.giveUp(1, new RookeryError('HANDLER_TIMEOUT', 'late'));
    sut.interrupt(({ where }) => new RookeryError('HANDLER_INTERRUPTED', where));
    store.done();
    await turn();
    expect(ends).toMatchObject([{ error: { code: 'HANDLER_TIMEOUT' } }, { error: { code: 'HANDLER_INTERRUPTED' } }]);
    expect([late.deadline.aborted, stopped.deadline.signal.aborted]).toEqual([true, true]);
  });
});
