import type { Backing } from '@rookery/plugin-kit';

/** For handlers that need nothing of the worker but the outbox: everything else is refused. */
export const noBacking: Backing = {
  storage: () => Promise.reject(new Error('there is no storage in this test')),
  sender: () => Promise.resolve(undefined),
  broadcast: () => Promise.reject(new Error('there are no broadcasts in this test')),
  settings: () => Promise.reject(new Error('there are no settings in this test')),
  fleet: () => Promise.reject(new Error('there is no fleet in this test')),
  superusers: () => Promise.resolve([]),
  usable: () => Promise.resolve([]),
  suspend: () => Promise.reject(new Error('nobody can be asked in this test')),
};
