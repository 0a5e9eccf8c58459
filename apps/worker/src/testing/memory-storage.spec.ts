import { FakeClock, storageContract } from '@rookery/testing';
import { MemoryStorage } from './memory-storage';

const clock = new FakeClock();
storageContract(
  () => Promise.resolve(new MemoryStorage(clock)),
  (ms) => clock.advanceAsync(ms),
);
