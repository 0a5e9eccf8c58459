import { FakeClock } from '@rookery/protocol';
import { leaseStoreContract } from './lease-store-contract';
import { MemoryLeaseStore } from './memory-lease-store';

leaseStoreContract('MemoryLeaseStore', async () => {
  const clock = new FakeClock();
  return { store: new MemoryLeaseStore(clock), pass: async (ms) => clock.advance(ms) };
});
