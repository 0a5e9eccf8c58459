import { describe, expect, it } from '@jest/globals';
import { actionId, type Action, type ActionResult, type Outcome } from '@rookery/protocol';
import { AttemptOutbox } from './attempt-outbox';

const signal = new AbortController().signal;
const action = (n: number, lane = 'interactive') =>
  ({
    id: `e1.doer.act.${n}`,
    self: '10001',
    name: 'send_group_msg',
    params: {},
    lane,
    createdAt: 1,
  }) as unknown as Action;

function attempt(attempts: number, done: readonly ActionResult[], outcome: Outcome | 'open', data?: unknown) {
  const out: string[] = [];
  const sut = new AttemptOutbox(
    {
      ask({ id, self }) {
        out.push(id);
        const result = { id, self, outcome, data, endedAt: 5 } as ActionResult;
        return {
          queued: Promise.resolve(),
          result: outcome === 'open' ? new Promise(() => undefined) : Promise.resolve(result),
        };
      },
      post: async ({ id }) => void out.push(id),
    },
    attempts,
    done,
  );
  return { sut, out };
}

describe('AttemptOutbox', () => {
  it.each<[Outcome, string[]]>([
    ['sent', []],
    ['unknown', []],
    ['refused', ['e1.doer.act.1.r1']],
    ['not_sent', ['e1.doer.act.1.r1']],
  ])('after an outcome %s the next attempt sends %j', async (outcome, ids) => {
    const first = attempt(0, [], outcome);
    expect(await first.sut.ask(action(1), signal).result).toMatchObject({ outcome });
    expect(first.out).toEqual(['e1.doer.act.1']);
    const second = attempt(1, first.sut.done, 'sent');
    const again = await second.sut.ask(action(1), signal).result;
    expect(second.out).toEqual(ids);
    expect(again).toMatchObject({ id: 'e1.doer.act.1', outcome: ids.length === 0 ? outcome : 'sent' });
  });

  it('asks nothing again whose outcome nobody waited for, asked or posted', async () => {
    const first = attempt(0, [], 'open');
    void first.sut.ask(action(1), signal);
    await first.sut.post(action(2), signal);
    const second = attempt(1, first.sut.done, 'sent');
    expect(await second.sut.ask(action(1), signal).result).toMatchObject({ outcome: 'unknown' });
    await second.sut.post(action(2), signal);
    expect(second.out).toEqual([]);
  });

  it('keeps an id that the plugin chose: the first outcome is what it wants to hear again', async () => {
    const keyed = { ...action(1), id: actionId('key.doer.order-7') };
    const again = attempt(1, [], 'not_sent');
    await again.sut.ask(keyed, signal).result;
    expect(again.out).toEqual(['key.doer.order-7']);
  });

  it('remembers across more than one attempt', async () => {
    const first = attempt(0, [], 'sent');
    await first.sut.ask(action(1), signal).result;
    const second = attempt(1, first.sut.done, 'not_sent');
    await second.sut.ask(action(1), signal).result;
    await second.sut.ask(action(2), signal).result;
    const third = attempt(2, second.sut.done, 'sent');
    await third.sut.ask(action(1), signal).result;
    await third.sut.ask(action(2), signal).result;
    expect(third.out).toEqual(['e1.doer.act.2.r2']);
  });

  it('repeats reads as often as wanted', async () => {
    const first = attempt(0, [], 'sent');
    await first.sut.ask(action(1, 'read'), signal).result;
    expect(first.sut.done).toEqual([]);
  });

  it('keeps no large data with a failure', async () => {
    const { sut } = attempt(0, [], 'sent', 'x'.repeat(5_000));
    expect(await sut.ask(action(1), signal).result).toMatchObject({ data: 'x'.repeat(5_000) });
    expect(sut.done).toEqual([{ id: 'e1.doer.act.1', self: '10001', outcome: 'sent', endedAt: 5 }]);
  });
});
