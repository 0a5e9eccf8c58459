import { selfId } from '@rookery/protocol';
import { AlarmMemory as Stored, type Redis } from '@rookery/redis';
import { z } from 'zod';
import type { AlarmMemory, Standing } from './alarms';

const standing = z.object({
  finding: z.object({
    id: z.string(),
    zh: z.string(),
    en: z.string(),
    self: z.exactOptional(z.string().transform(selfId)),
  }),
  since: z.number(),
  toldAt: z.exactOptional(z.number()),
  goneAt: z.exactOptional(z.number()),
});

/** What people were told, kept in Redis. What another version has written and this one cannot read counts as not told. */
export function storedAlarms(redis: Redis): AlarmMemory {
  const stored = new Stored(redis);
  return {
    async load() {
      const standings = new Map<string, Standing>();
      for (const [id, text] of Object.entries(await stored.load())) {
        const parsed = standing.safeParse(JSON.parse(text));
        if (parsed.success) standings.set(id, parsed.data);
      }
      return standings;
    },
    save: (standings) => stored.save(Object.fromEntries([...standings].map(([id, one]) => [id, JSON.stringify(one)]))),
  };
}
