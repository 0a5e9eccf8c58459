import { z } from 'zod';
import type { Redis } from './client';
import { keys } from './keys';

const text = z.object({ zh: z.string(), en: z.string() });
const handler = z.object({ method: z.string() });
const posted = z.object({
  id: z.string(),
  title: text.optional(),
  commands: z.array(handler.extend({ usage: z.string(), alias: z.array(z.string()), summary: text })),
  keywords: z.array(handler),
  regexes: z.array(handler),
  listeners: z.array(handler),
  schedules: z.array(handler.extend({ cron: z.string(), tz: z.string(), sender: z.string() })),
  config: z.record(z.string(), z.unknown()).optional(),
});

/** What a plugin declares, as far as operators need it. */
export type PostedPlugin = z.output<typeof posted>;

/** Which plugins there are, for those who run none: workers write it when they have loaded them. */
export class PluginBoard {
  constructor(private readonly redis: Redis) {}

  async post(manifests: readonly { readonly id: string }[]): Promise<void> {
    const entries = manifests.flatMap((manifest) => [manifest.id, JSON.stringify(manifest)]);
    if (entries.length > 0) await this.redis.hset(keys.plugins(), ...entries);
  }

  /** Sorted by id; entries of a form that is not known are left out. */
  async all(): Promise<readonly PostedPlugin[]> {
    const entries = Object.values(await this.redis.hgetall(keys.plugins()));
    const plugins = entries.flatMap((entry) => posted.safeParse(JSON.parse(entry)).data ?? []);
    return plugins.sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
