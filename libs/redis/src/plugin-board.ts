import { MINUTE, type NodeId } from '@rookery/protocol';
import { z } from 'zod';
import type { Redis } from './client';
import { keys } from './keys';
import { liveNodes } from './live-nodes';
import { POST_PLUGINS } from './scripts/post-plugins';

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
  needs: z.array(z.string()).default([]),
  /** Of what it needs, what only the operator could give it and has not. */
  ungranted: z.array(z.string()).default([]),
});

/** What a plugin declares, as far as operators need it. */
export type PostedPlugin = z.output<typeof posted>;

/** A plugin that workers could not load. */
export interface UnfitPlugin {
  /** Path of its module. */
  readonly module: string;
  readonly reason: string;
}

export interface PluginPost {
  readonly node: NodeId;
  readonly manifests: readonly { readonly id: string }[];
  readonly unfit: readonly UnfitPlugin[];
  /** Milliseconds since 1970. */
  readonly at: number;
}

const loadedBy = z.object({
  at: z.number(),
  loaded: z.array(z.string()),
  unfit: z.array(z.object({ module: z.string(), reason: z.string() })),
});
const NODE = '@';
/** A worker that has posted and is not heard of yet is being started. */
const STARTING_MS = MINUTE;
const REASON_MAX = 1_000;

/** Which plugins there are, for those who run none: workers write what they have loaded and what they could not load. */
export class PluginBoard {
  constructor(private readonly redis: Redis) {}

  /** What only workers have loaded that are gone is forgotten. */
  async post({ node, manifests, unfit, at }: PluginPost): Promise<void> {
    const entries = manifests.flatMap((manifest) => [manifest.id, JSON.stringify(manifest)]);
    const cut = unfit.map(({ module, reason }) => ({ module, reason: reason.slice(0, REASON_MAX) }));
    const own = JSON.stringify({ at, loaded: manifests.map(({ id }) => id), unfit: cut });
    const living = (await liveNodes(this.redis)).map((name) => NODE + name);
    const posted = [NODE + node, own, at - STARTING_MS, manifests.length, ...entries];
    await this.redis.eval(POST_PLUGINS, 1, keys.plugins(), ...posted, ...living);
  }

  /** Sorted by id; entries of a form that is not known are left out. */
  async all(): Promise<readonly PostedPlugin[]> {
    const { manifests, posts } = await this.#read();
    const loaded = new Set(posts.flatMap((post) => post.loaded));
    const plugins = manifests.flatMap((json) => posted.safeParse(JSON.parse(json)).data ?? []);
    return plugins.filter(({ id }) => loaded.has(id)).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** What workers could not load, each module once, sorted. */
  async unfit(): Promise<readonly UnfitPlugin[]> {
    const { posts } = await this.#read();
    const all = new Map(posts.flatMap((post) => post.unfit).map((unfit) => [unfit.module, unfit]));
    return [...all.values()].sort((a, b) => (a.module < b.module ? -1 : 1));
  }

  /** The posts of workers that live; where none does, of those that were there last. */
  async #read() {
    const [entries, living] = await Promise.all([this.redis.hgetall(keys.plugins()), liveNodes(this.redis)]);
    const isNode = ([field]: [string, string]) => field.startsWith(NODE);
    const all = Object.entries(entries)
      .filter(isNode)
      .flatMap(([field, json]) => {
        const post = loadedBy.safeParse(JSON.parse(json)).data;
        return post ? [{ ...post, lives: living.some((node) => NODE + node === field) }] : [];
      });
    const present = all.filter(({ lives }) => lives);
    const manifests = Object.entries(entries).flatMap((entry) => (isNode(entry) ? [] : [entry[1]]));
    return { manifests, posts: present.length > 0 ? present : all };
  }
}
