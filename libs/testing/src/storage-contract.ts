import { describe, expect, it } from '@jest/globals';
import { Values } from '@rookery/plugin-kit';
import {
  DEFAULT_POOL,
  groupConversation,
  groupId,
  selfId,
  STORAGE_LIMITS,
  userId,
  type StorageAnswer,
  type StorageRequest,
  type StorageScope,
} from '@rookery/protocol';

/** A storage under test. */
export interface StorageUnderTest {
  run(plugin: string, request: StorageRequest): Promise<StorageAnswer>;
}

const GROUP = groupConversation(DEFAULT_POOL, groupId('7'));
const SCOPES: readonly StorageScope[] = [
  { kind: 'user', user: userId('7') },
  { kind: 'user', user: userId('8') },
  { kind: 'conversation', conversation: GROUP },
  { kind: 'account', self: selfId('7') },
  { kind: 'pool', pool: DEFAULT_POOL },
  { kind: 'global' },
];

/** What every storage of plugins does. `empty` makes one in which nothing is stored; `pass` lets milliseconds pass there. */
export function storageContract(empty: () => Promise<StorageUnderTest>, pass: (ms: number) => Promise<void>): void {
  const values = async (scope: StorageScope = { kind: 'global' }, plugin = 'game', on?: StorageUnderTest) => {
    const storage = on ?? (await empty());
    return new Values(scope, (of, operation) => storage.run(plugin, { scope: of, operation }));
  };

  describe('a storage of plugins', () => {
    it('keeps JSON by name until it is deleted', async () => {
      const sut = await values();
      expect(await sut.get('a')).toBeUndefined();
      await sut.set('a', { lin: 3, 'x:{y}': [null, '你好\n'] });
      expect(await sut.get('a')).toEqual({ lin: 3, 'x:{y}': [null, '你好\n'] });
      await sut.delete('a');
      await sut.delete('a');
      expect(await sut.get('a')).toBeUndefined();
    });

    it('keeps plugins and scopes apart, whatever they are called', async () => {
      const storage = await empty();
      for (const [at, scope] of SCOPES.entries()) await (await values(scope, 'game', storage)).set('@bytes', at);
      await (await values(SCOPES[0], 'game:user', storage)).set('@bytes', 'other');
      const found = await Promise.all(
        SCOPES.map(async (scope) => (await values(scope, 'game', storage)).get('@bytes')),
      );
      expect(found).toEqual([0, 1, 2, 3, 4, 5]);
    });

    it('adds without losing any, and refuses to add to what is no number', async () => {
      const sut = await values();
      const sums = await Promise.all(Array.from({ length: 50 }, () => sut.increment('n')));
      expect(new Set(sums).size).toBe(50);
      expect(await sut.increment('n', -8)).toBe(42);
      await sut.set('word', 'x');
      await expect(sut.increment('word')).rejects.toMatchObject({ code: 'STATE_REFUSED' });
    });

    it('updates without losing any, creates and deletes', async () => {
      const sut = await values();
      await Promise.all(
        Array.from({ length: 5 }, (_, n) => sut.update<number[]>('list', (known = []) => [...known, n])),
      );
      expect((await sut.get<number[]>('list'))?.toSorted()).toEqual([0, 1, 2, 3, 4]);
      expect(await sut.update('list', () => undefined)).toBeUndefined();
      expect(await sut.update('list', () => undefined)).toBeUndefined();
      expect(await sut.get('list')).toBeUndefined();
    });

    it('lists by prefix, in the order of names, as many as wanted', async () => {
      const sut = await values();
      expect(await sut.list('none')).toEqual([]);
      for (const name of ['b2', 'a', 'b1', 'b3']) await sut.set(name, name);
      expect(await sut.list('b', 2)).toEqual([
        { name: 'b1', value: 'b1' },
        { name: 'b2', value: 'b2' },
      ]);
      expect((await sut.list()).map(({ name }) => name)).toEqual(['a', 'b1', 'b2', 'b3']);
      expect((await sut.list('b', 100, 'b1')).map(({ name }) => name)).toEqual(['b2', 'b3']);
      expect(await sut.list('b', 100, 'b3')).toEqual([]);
    });

    it('forgets what was kept for a time, and counts its room no more', async () => {
      const sut = await values();
      await sut.set('short', 'x'.repeat(STORAGE_LIMITS.bytes - 100), { for: '50ms' });
      await expect(sut.set('long', 'y'.repeat(200))).rejects.toMatchObject({ code: 'STATE_REFUSED' });
      await pass(60);
      await sut.set('long', 'y'.repeat(200));
      expect(await sut.get('short')).toBeUndefined();
      expect(await sut.increment('hits', 1, { for: '50ms' })).toBe(1);
      await pass(60);
      expect(await sut.increment('hits')).toBe(1);
    });

    it('refuses 100 MB, too many names and impossible names, and changes nothing then', async () => {
      const sut = await values();
      await sut.set('a', 1);
      await expect(sut.set('a', 'x'.repeat(100_000_000))).rejects.toThrow('at most 262144 bytes');
      expect(await sut.get('a')).toBe(1);
      for (const name of ['', 'x'.repeat(201)]) {
        await expect(sut.get(name)).rejects.toMatchObject({ code: 'STATE_REFUSED' });
      }
      await Promise.all(Array.from({ length: STORAGE_LIMITS.names - 1 }, (_, n) => sut.set(`n${n}`, n)));
      await expect(sut.set('one more', 1)).rejects.toThrow('1000 names');
      await sut.delete('a');
      await sut.set('one more', 1);
    });

    const circular: unknown[] = [];
    circular.push(circular);
    it.each<[string, unknown]>([
      ['a function', () => 1],
      ['undefined', undefined],
      ['a BigInt', 1n],
      ['a circular value', circular],
    ])('refuses %s', async (_name, value) => {
      await expect((await values()).set('a', value as never)).rejects.toMatchObject({ code: 'STATE_REFUSED' });
    });
  });
}
