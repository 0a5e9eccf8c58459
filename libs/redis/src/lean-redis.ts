import { Cluster, Redis, type ClusterNode, type ClusterOptions, type Command, type RedisOptions } from 'ioredis';
import { limitGreeting } from './limit-greeting';

/** Texts of so many characters and more are encoded here, once. */
export const LONG = 1_024;
/** Who serves which slots of a Redis Cluster is asked for anew no sooner than so. */
const ASKED_AGAIN_MS = 200;

/** Replies as Redis gave them before RESP3, which is what ioredis' types begin with. */
type Legacy<Options> = Omit<Options, 'replyMapping'>;
export type ServerOptions = Legacy<Omit<RedisOptions, 'host'>> & { readonly host?: string };
export type LegacyClusterOptions = Omit<ClusterOptions, 'redisOptions'>;

interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** What is needed of a command that is about to be written. */
interface Outgoing {
  readonly args: unknown[];
  bufferMode: boolean;
}

/**
 * ioredis without two habits that cost more than the commands themselves. It measures a text three times before it encodes
 * it: long ones, such as envelopes, become bytes here. And it writes to the socket once per command: here once per turn of
 * the event loop, so that whatever a turn asks for costs one system call.
 */
export class LeanRedis extends Redis {
  readonly #writes = new TurnWrites(this);

  override duplicate<Override extends Partial<RedisOptions> | undefined = undefined>(override?: Override) {
    const another = super.duplicate(override);
    limitGreeting(another, () => another.stream);
    return another;
  }

  override sendCommand(...[command, stream]: Parameters<Redis['sendCommand']>): unknown {
    encodeLongTexts(command);
    this.#writes.gather();
    return super.sendCommand(command, stream);
  }
}

/** The same for a Redis Cluster: what a turn asks for costs one system call for each server. */
export class LeanCluster extends Cluster {
  /** The last time that the servers were asked who serves what. */
  #asked: { readonly at: number; readonly answered: Promise<void> } | undefined;

  /** `serverOptions`: of the connection to each server. */
  constructor(
    seeds: ClusterNode[],
    options: LegacyClusterOptions,
    readonly serverOptions: ServerOptions,
  ) {
    super(seeds, { ...options, redisOptions: serverOptions });
    this.on('+node', (node: Redis) => {
      limitGreeting(node, () => node.stream);
      const writes = new TurnWrites(node);
      const send = node.sendCommand.bind(node);
      node.sendCommand = (...[command, stream]: Parameters<Redis['sendCommand']>) => {
        writes.gather();
        return send(command, stream);
      };
    });
  }

  /** The master of a slot, as far as is known; with `anew` the servers are asked before, together for all that want to know within a moment. */
  async serverOf(slot: number | null, { anew }: { readonly anew: boolean }): Promise<ServerAddress> {
    if (anew) await this.#ask();
    const known = slot === null ? undefined : this.slots[slot]?.[0];
    const colon = known?.lastIndexOf(':') ?? 0;
    if (known !== undefined) return { host: known.slice(0, colon), port: Number(known.slice(colon + 1)) };
    const { host = '', port = 0 } = (this.nodes('master')[0] ?? this.nodes()[0])?.options ?? {};
    return { host, port };
  }

  async #ask(): Promise<void> {
    const now = performance.now();
    if (this.#asked === undefined || now - this.#asked.at > ASKED_AGAIN_MS) {
      // Nobody to ask, or nobody who answers: what was known before is tried again.
      const answered = new Promise<void>((resolve) => this.refreshSlotsCache(() => resolve()));
      this.#asked = { at: now, answered };
    }
    await this.#asked.answered;
  }

  override sendCommand(...[command, stream, node]: Parameters<Cluster['sendCommand']>): unknown {
    encodeLongTexts(command);
    return super.sendCommand(command, stream, node);
  }
}

/** Holds the writes of one connection together until the end of the turn. A socket that is lost or replaced meanwhile takes no harm. */
class TurnWrites {
  #corked = false;

  constructor(private readonly redis: Redis) {}

  gather(): void {
    if (this.#corked || this.redis.status !== 'ready') return;
    const socket = this.redis.stream;
    this.#corked = true;
    socket.cork();
    process.nextTick(() => {
      this.#corked = false;
      socket.uncork();
    });
  }
}

function encodeLongTexts(command: Command): void {
  const outgoing = command as unknown as Outgoing;
  const { args } = outgoing;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at];
    if (typeof arg !== 'string' || arg.length < LONG) continue;
    args[at] = Buffer.from(arg);
    outgoing.bufferMode = true;
  }
}
