import { MINUTE, type Clock, type PoolName, type SelfId } from '@rookery/protocol';
import type { Intake } from '../intake/intake';
import type { Links } from '../link/links';
import { Backfill, type SequenceStore } from './backfill';

export interface BackfillParts {
  readonly links: Links;
  readonly intake: Intake;
  readonly store: SequenceStore;
  readonly clock: Clock;
  readonly settings: { readonly enabled: boolean; readonly maxAgeMinutes: number };
  readonly accountOf: (self: SelfId) => { readonly pool: PoolName; readonly backfill?: boolean } | undefined;
}

/** Joins gap filling to the links and to intake, through which what it reads goes like everything else. */
export function attachBackfill({ links, intake, store, clock, settings, accountOf }: BackfillParts): Backfill {
  const backfill: Backfill = new Backfill({
    clock,
    store,
    maxAgeMs: settings.maxAgeMinutes * MINUTE,
    call: (self, action, params, request) => links.call(self, action, params, request),
    isWanted: (self) => links.role(self) === 'owner' && (accountOf(self)?.backfill ?? settings.enabled),
    accept: (self, frame) => {
      const pool = accountOf(self)?.pool;
      if (pool !== undefined) intake.accept(self, pool, frame, { connection: backfill, filled: true });
    },
  });
  intake.on('accepted', (event) => backfill.seen(event));
  links.on('greeted', (self) => void backfill.linkUp(self));
  links.on('status', ({ self, state }) => {
    if (state === 'stopped') backfill.forget(self);
    else if (state === 'connecting' || state === 'failed') backfill.linkDown(self);
  });
  links.on('standby', ({ self, state }) => {
    if (state === 'stopped') backfill.forget(self);
  });
  return backfill;
}
