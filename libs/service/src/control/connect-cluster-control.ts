import { Logger } from '@nestjs/common';
import { type RookeryConfig, type Secret } from '@rookery/config';
import { AccountBoard, AccountEvents, AccountRegistry, connectRedis, liveNodes } from '@rookery/redis';
import { ControlChannel } from '../control-channel';
import { ClusterControl } from './cluster-control';
import { ControlClient } from './control-client';

export interface ClusterConnectionOptions {
  readonly redisUrl: string;
  readonly config: RookeryConfig;
  readonly encryptionKey?: Secret | undefined;
  /** Told of trouble with Redis after the start. */
  readonly onTrouble: (error: Error) => void;
}

export interface ClusterConnection {
  readonly control: ClusterControl;
  close(): Promise<void>;
}

/** For a program that is no node itself. Rejects with REDIS_UNREACHABLE. */
export async function connectClusterControl(options: ClusterConnectionOptions): Promise<ClusterConnection> {
  const { redisUrl, config, encryptionKey, onTrouble } = options;
  Logger.overrideLogger(false); // Nest would write about its connections into our output
  const redis = await connectRedis(redisUrl, 'producer', 'rookery-cli', onTrouble);
  const channel = new ControlChannel(redisUrl, onTrouble);
  await channel.start();
  const control = new ClusterControl({
    registry: new AccountRegistry({ redis, config, encryptionKey }),
    board: new AccountBoard(redis),
    events: new AccountEvents(redis),
    client: new ControlClient(channel),
    liveNodes: () => liveNodes(redis),
  });
  return {
    control,
    async close() {
      redis.disconnect();
      await channel.close();
    },
  };
}
