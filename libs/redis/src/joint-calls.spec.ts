import { describe, expect, it } from '@jest/globals';
import { JointCalls, type JointEntry } from './joint-calls';

interface Made {
  readonly keys: readonly string[];
  readonly entries: readonly number[];
  answer: (answers?: readonly (string | Error)[]) => Promise<void>;
  fail: (why: Error) => Promise<void>;
}

/** All that the answer to a call leads to. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp({ isCluster = false, max = 3 } = {}) {
  const made: Made[] = [];
  const run = (asked: readonly JointEntry<number, string>[]) =>
    new Promise<readonly (string | Error)[]>((resolve, reject) => {
      const entries = asked.map(({ entry }) => entry);
      made.push({
        keys: asked.map(({ key }) => key),
        entries,
        answer: (answers = entries.map(String)) => (resolve(answers), turn()),
        fail: (why) => (reject(why), turn()),
      });
    });
  const calls = new JointCalls<number, string, string>({ isCluster, max, run });
  const ends: string[] = [];
  const add = (key: string, ...entries: readonly number[]) => {
    for (const entry of entries)
      void calls.add(key, entry).then(
        (answer) => ends.push(answer),
        (thrown: Error) => ends.push(`${entry} ${thrown.message}`),
      );
  };
  const carried = () => made.map(({ entries }) => entries);
  return { made, carried, add, ends };
}

describe('joint calls', () => {
  it('carry what one turn asks for of several keys, in its order', async () => {
    const { made, carried, add, ends } = setUp();
    add('a', 1);
    add('b', 2);
    await Promise.resolve().then(() => add('a', 3));
    await turn();
    expect(carried()).toEqual([[1, 2, 3]]);
    await made[0]?.answer();
    expect(ends).toEqual(['1', '2', '3']);
  });

  it('are two at a time: what comes up meanwhile waits, and travels together', async () => {
    const { made, carried, add } = setUp();
    for (const [at, key] of ['a', 'b', 'c', 'd'].entries()) {
      add(key, at);
      await turn();
    }
    expect(carried()).toEqual([[0], [1]]);
    await made[1]?.answer();
    expect(carried()).toEqual([[0], [1], [2, 3]]);
  });

  it('hold no more than they may, and what is left goes at once with another one', async () => {
    const { carried, add } = setUp({ max: 2 });
    for (const [at, key] of ['a', 'b', 'c', 'd', 'e'].entries()) add(key, at);
    await turn();
    expect(carried()).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it('never overtake one another for a key, though others go past it, also when the first fails', async () => {
    const { made, carried, add, ends } = setUp();
    add('a', 1);
    await turn();
    add('a', 2, 3);
    add('b', 4);
    await turn();
    expect(carried()).toEqual([[1], [4]]);
    await made[1]?.answer();
    expect(carried()).toEqual([[1], [4]]);
    await made[0]?.fail(new Error('gone'));
    expect([carried(), ends]).toEqual([
      [[1], [4], [2, 3]],
      ['4', '1 gone'],
    ]);
  });

  it('keep the order of a key of which one call could not take all', async () => {
    const { made, carried, add } = setUp({ max: 2 });
    add('a', 1, 2, 3);
    add('b', 4);
    await turn();
    expect(carried()).toEqual([[1, 2], [4]]);
    await made[0]?.answer();
    expect(carried()).toEqual([[1, 2], [4], [3]]);
  });

  it('refuse an entry by itself, and all of them when the call throws before it is made', async () => {
    const { made, add, ends } = setUp();
    add('a', 1);
    add('b', 2);
    await turn();
    await made[0]?.answer(['1', new Error('spoilt')]);
    expect(ends).toEqual(['1', '2 spoilt']);
    const sut = new JointCalls<number, string, string>({
      ...{ isCluster: false, max: 3 },
      run: () => {
        throw new Error('no key');
      },
    });
    await expect(sut.add('a', 1)).rejects.toThrow('no key');
    await expect(sut.add('a', 2)).rejects.toThrow('no key');
  });

  it('are of one key each on a Redis Cluster, as many as there are keys, and one at a time of each', async () => {
    const { made, carried, add } = setUp({ isCluster: true });
    for (const key of ['a', 'b', 'c', 'a']) add(key, 1, 2);
    await turn();
    expect(made.map(({ keys, entries }) => [...new Set(keys), ...entries])).toEqual([
      ['a', 1, 2, 1],
      ['b', 1, 2],
      ['c', 1, 2],
    ]);
    await made[1]?.answer();
    expect(carried()).toHaveLength(3);
    await made[0]?.answer();
    expect(carried().at(-1)).toEqual([2]);
  });
});
