import { describe, expect, it } from '@jest/globals';
import type { DeadLetter, DeadLetterFilter, FailedHandling } from '@rookery/redis';
import { DeadLetterCommands } from './dead-letter-commands';

const letter = (id: string, event: object = { type: 'message', text: `/do\n${id}` }): DeadLetter => ({
  v: 1,
  id,
  event: { id, self: '10001', conversation: 'private:10001:2', ...event } as never,
  plugin: 'doer',
  handler: 'act',
  attempts: 3,
  done: [],
  error: { code: 'HANDLER_FAILED', message: 'broken' },
  at: 0,
});

/** `listed`: what whoever lists them sees, if that is not what is there. */
function setUp(
  stored = [letter('new'), letter('old', { type: 'notice', kind: 'notify.poke' })],
  room = 10,
  listed?: () => DeadLetter[],
) {
  const lines: string[] = [];
  const put: [FailedHandling, number][] = [];
  const filters: DeadLetterFilter[] = [];
  let left = stored;
  const sut = new DeadLetterCommands({
    print: (text) => void lines.push(text),
    retries: {
      put: async (failed, inMs) => {
        if (put.length === room) return false;
        put.push([failed, inMs]);
        return true;
      },
    },
    letters: {
      list: async (filter, limit) => {
        filters.push(filter);
        return (listed?.() ?? left).slice(0, limit);
      },
      find: async (id) => left.find((one) => one.id === id),
      count: async () => left.length,
      drop: async (id) => {
        const before = left.length;
        left = left.filter((one) => one.id !== id);
        return left.length < before;
      },
    },
  });
  const ids = () => left.map(({ id }) => id);
  return { sut, lines, put, filters, ids };
}
const all = { ids: [], filter: { plugin: 'doer' }, limit: 100 };

describe('rookery dead-letters', () => {
  it('lists one line each, without control characters', async () => {
    const { sut, lines } = setUp();
    expect(await sut.list({ ...all, filter: {} }, {})).toBe(0);
    expect(lines[0]).toBe('1970-01-01T00:00:00.000Z  new  HANDLER_FAILED  3×  private:10001:2  /do new\n');
    expect(lines[1]).toContain('notice notify.poke');
    expect(lines[2]).toContain('2 of 2');
  });

  it('lists JSON without the events', async () => {
    const { sut, lines } = setUp();
    await sut.list(all, { json: true });
    expect((JSON.parse(String(lines[0])) as object[])[0]).toMatchObject({
      id: 'new',
      account: '10001',
      message: 'broken',
    });
  });

  it('shows one whole', async () => {
    const { sut, lines } = setUp();
    expect(await sut.show('new')).toBe(0);
    expect(JSON.parse(lines.join(''))).toEqual(letter('new'));
  });

  it('replays the oldest first, ten a second, and forgets what is handed over', async () => {
    const { sut, put, filters, ids } = setUp();
    expect(await sut.replay(all)).toBe(0);
    expect(put.map(([{ id }, inMs]) => [id, inMs])).toEqual([
      ['old', 0],
      ['new', 100],
    ]);
    expect(put[0]?.[0]).not.toHaveProperty('error');
    expect([filters, ids()]).toEqual([[{ plugin: 'doer' }], []]);
  });

  it('hands each letter over once, however often the same replay is given, also by somebody who began before the first ended', async () => {
    const stored = [letter('b'), letter('a')];
    const { sut, put } = setUp(stored, 10, () => stored);
    expect([await sut.replay(all), await sut.replay(all)]).toEqual([0, 1]);
    expect(put.map(([{ id }]) => id)).toEqual(['a', 'b']);
  });

  it('spreads 10,000 letters, which are all that are kept, over a quarter of an hour', async () => {
    const { sut, put } = setUp(
      Array.from({ length: 10_000 }, (_, n) => letter(`l${n}`)),
      10_000,
    );
    expect(await sut.replay({ ...all, limit: 10_000 })).toBe(0);
    const due = put.map(([, inMs]) => inMs);
    expect(due.every((inMs, n) => inMs === n * 100)).toBe(true);
    expect(due.at(-1)).toBe(999_900);
  });

  it('keeps what the workers have no room for', async () => {
    const { sut, ids } = setUp(undefined, 1);
    await expect(sut.replay(all)).rejects.toThrow('1 were handed over; there is no room for more now');
    expect(ids()).toEqual(['new']);
  });

  it('drops what is named', async () => {
    const { sut, lines, ids } = setUp();
    expect(await sut.drop({ ids: ['old'], filter: {}, limit: 1 })).toBe(0);
    expect([lines, ids()]).toEqual([['1 dropped / 已删除\n'], ['new']]);
  });

  it('says by its exit code that there was nothing to do', async () => {
    const { sut } = setUp([]);
    expect([await sut.replay(all), await sut.drop(all)]).toEqual([1, 1]);
  });

  it.each(['replay', 'drop'] as const)('refuses to %s without a choice', async (command) => {
    await expect(setUp().sut[command]({ ids: [], filter: {}, limit: 9 })).rejects.toThrow('name the ids, or choose by');
  });

  it('refuses an id that is not there, before it touches another', async () => {
    const { sut, put } = setUp();
    await expect(sut.replay({ ids: ['new', 'x'], filter: {}, limit: 9 })).rejects.toMatchObject({
      code: 'DEAD_LETTER_UNKNOWN',
    });
    expect(put).toEqual([]);
  });
});
