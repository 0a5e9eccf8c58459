import { describe, expect, it } from '@jest/globals';
import type { LeaseStore, NodeRecord } from '@rookery/cluster';

export interface LeaseStoreUnderTest {
  readonly store: LeaseStore;
  /** Lets `ms` go by on the store's clock. */
  readonly pass: (ms: number) => Promise<void>;
}

const TTL_MS = 300;
const record = (node: string): NodeRecord => ({ node, capacity: 9, zone: 'z', draining: false });

/** What every LeaseStore promises. `make` gives an empty one. */
export function leaseStoreContract(name: string, make: () => Promise<LeaseStoreUnderTest>): void {
  /** Nodes `a` and `b`, both members. */
  async function two() {
    const { store, pass } = await make();
    const seen = new Map<string, string>();
    /** Its answer is lost. */
    const renewUnheard = (node: string) => store.renew(record(node), TTL_MS, seen.get(node));
    const renew = async (node: string) => {
      const renewal = await renewUnheard(node);
      seen.set(node, renewal.table);
      return renewal;
    };
    await renew('a');
    await renew('b');
    return { store, pass, renew, renewUnheard };
  }

  describe(`LeaseStore contract: ${name}`, () => {
    it('tells the living nodes with their records, and when the first of the others runs out', async () => {
      const { renew } = await two();
      const renewal = await renew('a');
      expect(renewal.nodes.map((node) => node.node).sort()).toEqual(['a', 'b']);
      expect(renewal.nodes[0]).toEqual(record(String(renewal.nodes[0]?.node)));
      expect(renewal).toMatchObject({ quietMs: 0, held: undefined });
      expect(renewal.nextExpiryMs).toBeGreaterThan(0);
      expect(renewal.nextExpiryMs).toBeLessThanOrEqual(TTL_MS);
    });

    it('gives a key to one node only, and again to the one that has it, under the same epoch', async () => {
      const { store } = await two();
      const [lease] = await store.acquire('a', ['k']);
      expect(lease).toMatchObject({ key: 'k', node: 'a' });
      expect(await store.acquire('b', ['k', 'free'])).toMatchObject([{ key: 'free', node: 'b' }]);
      expect(await store.acquire('a', ['k'])).toEqual([lease]);
      expect(await store.all()).toContainEqual(lease);
    });

    it('gives nothing to a node without a heartbeat', async () => {
      const { store } = await two();
      expect(await store.acquire('ghost', ['k'])).toEqual([]);
      expect(await store.seize('ghost', 'k')).toBeUndefined();
    });

    it('frees the keys of a silent node after its time to live, under a higher epoch, and tells it', async () => {
      const { store, pass, renew } = await two();
      const [old] = await store.acquire('a', ['k', 'l']);
      await pass(TTL_MS + 20);
      await renew('b');
      expect(await store.all()).toEqual([]);
      const [taken] = await store.acquire('b', ['k']);
      expect(taken?.epoch).toBeGreaterThan(Number(old?.epoch));
      expect((await renew('a')).held).toMatchObject([{ key: 'l', node: 'a' }]);
      expect((await renew('a')).held).toBeUndefined();
    });

    it.each(['was silent', 'was robbed'])(
      'tells a node that %s of its loss again when the first answer is lost',
      async (how) => {
        const { store, pass, renew, renewUnheard } = await two();
        await store.acquire('a', ['k']);
        if (how === 'was silent') {
          await pass(TTL_MS + 20);
          await renew('b');
          await store.acquire('b', ['k']);
        } else await store.seize('b', 'k');
        expect((await renewUnheard('a')).held).toEqual([]);
        expect((await renewUnheard('a')).held).toEqual([]);
        expect((await renew('a')).held).toEqual([]);
        expect((await renew('a')).held).toBeUndefined();
      },
    );

    it('lets the newest one seize a key and tells the robbed one at its next renewal', async () => {
      const { store, renew } = await two();
      const [old] = await store.acquire('a', ['k', 'l']);
      const seized = await store.seize('b', 'k');
      expect(seized?.epoch).toBeGreaterThan(Number(old?.epoch));
      expect(await store.seize('b', 'k')).toEqual(seized);
      expect((await renew('b')).held).toBeUndefined();
      expect((await renew('a')).held).toMatchObject([{ key: 'l' }]);
    });

    it('takes back only what is still held under the same epoch', async () => {
      const { store } = await two();
      const [old] = await store.acquire('a', ['k']);
      const seized = await store.seize('b', 'k');
      if (old === undefined || seized === undefined) throw new Error('no lease');
      await store.release('a', [old]);
      await store.release('b', [{ ...seized, epoch: seized.epoch - 1 }]);
      expect(await store.acquire('a', ['k'])).toEqual([]);
      await store.release('b', [seized]);
      expect(await store.acquire('a', ['k'])).toMatchObject([{ node: 'a' }]);
    });

    it('frees everything of a node that leaves, at once', async () => {
      const { store, renew } = await two();
      await store.acquire('a', ['k']);
      await store.leave('a');
      expect((await renew('b')).nodes).toEqual([record('b')]);
      expect(await store.acquire('b', ['k'])).toMatchObject([{ node: 'b' }]);
    });

    it('handles more keys than fit into one call', async () => {
      const { store } = await two();
      const keys = Array.from({ length: 1_201 }, (_, n) => `k${n}`);
      const leases = await store.acquire('a', keys);
      expect(leases.map(({ key }) => key)).toEqual(keys);
      await store.release('a', leases);
      expect(await store.all()).toEqual([]);
    });
  });
}
