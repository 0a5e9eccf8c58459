import { Logger } from '@nestjs/common';
import { type RookeryConfig, type Secret } from '@rookery/config';
import { PluginControl } from '@rookery/plugin-settings';
import { systemClock } from '@rookery/protocol';
import {
  AccountBoard,
  AccountEvents,
  AccountRegistry,
  Broadcasts,
  connectRedis,
  HoldMemories,
  LimitOverrides,
  liveNodes,
  OutgoingSends,
  PluginBoard,
  PluginSettings,
} from '@rookery/redis';
import { ControlChannel } from '../control-channel';
import { BroadcastControl } from './broadcast-control';
import { ClusterControl } from './cluster-control';
import { ControlClient } from './control-client';
import { LimitControl } from './limit-control';
import { WhyControl } from './why-control';

export interface ClusterConnectionOptions {
  readonly redisUrl: string;
  readonly config: RookeryConfig;
  readonly encryptionKey?: Secret | undefined;
  /** Told of trouble with Redis after the start. */
  readonly onTrouble: (error: Error) => void;
}

export interface ClusterConnection {
  readonly control: ClusterControl;
  readonly broadcasts: BroadcastControl;
  readonly limits: LimitControl;
  readonly plugins: PluginControl;
  readonly why: WhyControl;
  close(): Promise<void>;
}

/** For a program that is no node itself. Rejects with REDIS_UNREACHABLE. */
export async function connectClusterControl(options: ClusterConnectionOptions): Promise<ClusterConnection> {
  const { redisUrl, config, encryptionKey, onTrouble } = options;
  Logger.overrideLogger(false); // Nest would write about its connections into our output
  const redis = await connectRedis(redisUrl, 'producer', 'rookery-cli', onTrouble);
  const channel = new ControlChannel(redisUrl, onTrouble);
  await channel.start();
  const registry = new AccountRegistry({ redis, config, encryptionKey });
  const control = new ClusterControl({
    registry,
    board: new AccountBoard(redis),
    events: new AccountEvents(redis),
    client: new ControlClient(channel),
    liveNodes: () => liveNodes(redis),
  });
  const store = new Broadcasts({ redis, partitions: config.partitions, clock: systemClock });
  const limits = new LimitControl({ overrides: new LimitOverrides(redis), registry, channel, config });
  const [sends, holds] = [new OutgoingSends(redis), new HoldMemories(redis)];
  return {
    control,
    broadcasts: new BroadcastControl({ broadcasts: store, registry, channel, config }),
    limits,
    plugins: new PluginControl({ board: new PluginBoard(redis), settings: new PluginSettings(redis), channel }),
    why: new WhyControl({ control, limits, registry, sends, holds, config }),
    async close() {
      redis.disconnect();
      await channel.close();
    },
  };
}
