import { EventEmitter } from 'node:events';
import { MINUTE, SECOND, toError, type Clock } from '@rookery/protocol';
import type { ClusterPicture } from '../survey';
import { findingsOf, type Finding } from './findings';

/** What people are told at a time: what is wrong now, and what is well again. */
export interface Notice {
  readonly at: number;
  readonly raised: readonly Finding[];
  readonly cleared: readonly Finding[];
  readonly picture: ClusterPicture;
}

/** A way to tell people. Rejects when they could not be told; they are told at the next look then. */
export interface Channel {
  readonly name: 'webhook' | 'mail' | 'message';
  tell(notice: Notice): Promise<void>;
}

/** A finding that lasts. `toldAt`: when people were told last; absent before the first time. Milliseconds since 1970. */
export interface Standing {
  readonly finding: Finding;
  readonly since: number;
  readonly toldAt?: number;
  /** When it was last not there any more; within the quiet time it may come back without a word. */
  readonly goneAt?: number;
}

/** Outlives the watching node, so that the next one does not tell everything again. */
export interface AlarmMemory {
  load(): Promise<ReadonlyMap<string, Standing>>;
  save(standings: ReadonlyMap<string, Standing>): Promise<void>;
}

export interface AlarmsEvents {
  /** So many alarms that people were told of still last. */
  standing: [count: number];
  told: [channel: Channel['name'], notice: Notice];
  trouble: [channel: Channel['name'], error: Error];
}

export interface AlarmsOptions {
  readonly clock: Clock;
  readonly memory: AlarmMemory;
  readonly channels: readonly Channel[];
  /** A finding must last this long before anybody is told. */
  readonly afterSeconds: number;
  /** The same finding is told again at most this often. */
  readonly quietMinutes: number;
}

/** Tells people what is wrong, once and not at every look, and when it is well again. */
export class Alarms extends EventEmitter<AlarmsEvents> {
  constructor(private readonly options: AlarmsOptions) {
    super();
  }

  /** To be called with every look at the cluster, one after the other. Rejects when the memory is away. */
  async see(picture: ClusterPicture): Promise<void> {
    const { memory, clock } = this.options;
    const now = clock.now();
    const before = await memory.load();
    const standings = this.#follow(before, findingsOf(picture), now);
    const raised = [...standings.values()].filter((standing) => this.#isDue(standing, now));
    const cleared = [...standings.values()].filter(({ goneAt, toldAt }) => goneAt === now && toldAt !== undefined);
    if (raised.length > 0 || cleared.length > 0) {
      const finding = (standing: Standing) => standing.finding;
      const isTold = await this.#tell({ at: now, raised: raised.map(finding), cleared: cleared.map(finding), picture });
      if (isTold) for (const standing of raised) standings.set(standing.finding.id, { ...standing, toldAt: now });
    }
    if (standings.size > 0 || before.size > 0) await memory.save(standings);
    const lasting = [...standings.values()].filter(
      ({ toldAt, goneAt }) => toldAt !== undefined && goneAt === undefined,
    );
    this.emit('standing', lasting.length);
  }

  #follow(before: ReadonlyMap<string, Standing>, findings: readonly Finding[], now: number): Map<string, Standing> {
    const standings = new Map<string, Standing>();
    for (const finding of findings) {
      const known = before.get(finding.id);
      const isBack = known?.goneAt !== undefined;
      const since = known === undefined || isBack ? now : known.since;
      const toldAt = known?.toldAt;
      standings.set(finding.id, { finding, since, ...(toldAt !== undefined && { toldAt }) });
    }
    for (const [id, known] of before) {
      if (standings.has(id) || known.toldAt === undefined) continue;
      const goneAt = known.goneAt ?? now;
      if (now - known.toldAt < this.#quietMs || goneAt === now) standings.set(id, { ...known, goneAt });
    }
    return standings;
  }

  #isDue({ since, toldAt, goneAt }: Standing, now: number): boolean {
    if (goneAt !== undefined || now - since < this.options.afterSeconds * SECOND) return false;
    return toldAt === undefined || now - toldAt >= this.#quietMs;
  }

  get #quietMs(): number {
    return this.options.quietMinutes * MINUTE;
  }

  /** True when at least one channel has told it: the others must not make it come again and again. */
  async #tell(notice: Notice): Promise<boolean> {
    const told = await Promise.all(
      this.options.channels.map(async (channel) => {
        try {
          await channel.tell(notice);
          this.emit('told', channel.name, notice);
          return true;
        } catch (thrown) {
          this.emit('trouble', channel.name, toError(thrown));
          return false;
        }
      }),
    );
    return told.includes(true);
  }
}
