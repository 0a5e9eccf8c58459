import { randomBytes } from 'node:crypto';
import type { RookeryConfig } from '@rookery/config';
import {
  assertNever,
  broadcastId,
  channels,
  checkBroadcast,
  DEFAULT_MEDIA_POLICY,
  RookeryError,
  type BroadcastDetails,
  type BroadcastId,
  type BroadcastOrder,
  type BroadcastRequest,
  type BroadcastStatus,
  type BroadcastWish,
} from '@rookery/protocol';
import type { AccountRegistry, Broadcasts } from '@rookery/redis';
import type { ControlChannel } from '../control-channel';

export interface BroadcastControlOptions {
  readonly broadcasts: Pick<Broadcasts, 'create' | 'list' | 'find' | 'failures' | 'want'>;
  readonly registry: Pick<AccountRegistry, 'list'>;
  readonly channel: Pick<ControlChannel, 'emit'>;
  readonly config: Pick<RookeryConfig, 'media'>;
}

/** What an operator may do with broadcasts. What is wanted is written down, then told to the workers, which carry it out. */
export class BroadcastControl {
  constructor(private readonly options: BroadcastControlOptions) {}

  /**
   * Begins one. `input` is as for `checkBroadcast`. Throws BROADCAST_INVALID, ACTION_INVALID (the message) or BROADCASTS_FULL. Files of
   * the shared folder can only be sent by plugins: this process may not see that folder.
   */
  async start(input: unknown, createdBy: string): Promise<BroadcastStatus> {
    const media = { ...DEFAULT_MEDIA_POLICY, hosts: this.options.config.media.allowHosts };
    return await this.begin(broadcastId(randomBytes(6).toString('hex')), checkBroadcast(input, media), createdBy);
  }

  /** The same id again is the same broadcast, and nothing is begun then. Throws BROADCAST_INVALID or BROADCASTS_FULL. */
  async begin(id: BroadcastId, request: BroadcastRequest, createdBy: string): Promise<BroadcastStatus> {
    const { broadcasts, registry } = this.options;
    const pools = new Set((await registry.list()).map(({ pool }) => pool));
    if (!pools.has(request.pool)) {
      const others = pools.size === 0 ? 'the cluster has no accounts' : `pools with accounts: ${[...pools].join(', ')}`;
      throw new RookeryError('BROADCAST_INVALID', `no account is in pool ${request.pool}; ${others}`);
    }
    await broadcasts.create(id, request, createdBy);
    this.#tell();
    return await broadcasts.find(id);
  }

  /** Newest first. */
  list(limit: number): Promise<readonly BroadcastStatus[]> {
    return this.options.broadcasts.list(limit);
  }

  /** Throws BROADCAST_UNKNOWN. */
  async find(id: BroadcastId, failures: number): Promise<BroadcastDetails> {
    const { broadcasts } = this.options;
    return { ...(await broadcasts.find(id)), failures: await broadcasts.failures(id, failures) };
  }

  /** Throws BROADCAST_UNKNOWN or BROADCAST_ENDED. */
  async want(id: BroadcastId, wish: BroadcastWish): Promise<BroadcastStatus> {
    await this.options.broadcasts.want(id, wish);
    this.#tell();
    return await this.options.broadcasts.find(id);
  }

  /** What a plugin wants, in its name. Throws as the methods that it stands for. */
  async carryOut(order: BroadcastOrder, by: string): Promise<readonly BroadcastDetails[]> {
    const alone = (status: BroadcastStatus): BroadcastDetails => ({ ...status, failures: [] });
    switch (order.do) {
      case 'start':
        return [alone(await this.begin(order.id, order.request, by))];
      case 'find':
        return [await this.find(order.id, order.failures)];
      case 'list':
        return (await this.list(order.limit)).map(alone);
      case 'want':
        return [alone(await this.want(order.id, order.wish))];
      default:
        return assertNever(order);
    }
  }

  #tell(): void {
    this.options.channel.emit(channels.broadcastsChanged, { v: 1 });
  }
}
