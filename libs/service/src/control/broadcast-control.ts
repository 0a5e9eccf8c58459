import { randomBytes } from 'node:crypto';
import type { RookeryConfig } from '@rookery/config';
import {
  broadcastId,
  channels,
  checkBroadcast,
  DEFAULT_MEDIA_POLICY,
  RookeryError,
  type BroadcastFailure,
  type BroadcastId,
  type BroadcastStatus,
  type BroadcastWish,
} from '@rookery/protocol';
import type { AccountRegistry, Broadcasts } from '@rookery/redis';
import type { ControlChannel } from '../control-channel';

/** A broadcast with the targets that were not reached, newest first. */
export interface BroadcastDetails extends BroadcastStatus {
  readonly failures: readonly BroadcastFailure[];
}

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
    const { broadcasts, registry, config } = this.options;
    const request = checkBroadcast(input, { ...DEFAULT_MEDIA_POLICY, hosts: config.media.allowHosts });
    const pools = new Set((await registry.list()).map(({ pool }) => pool));
    if (!pools.has(request.pool)) {
      const others = pools.size === 0 ? 'the cluster has no accounts' : `pools with accounts: ${[...pools].join(', ')}`;
      throw new RookeryError('BROADCAST_INVALID', `no account is in pool ${request.pool}; ${others}`);
    }
    const id = broadcastId(randomBytes(6).toString('hex'));
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

  #tell(): void {
    this.options.channel.emit(channels.broadcastsChanged, { v: 1 });
  }
}
