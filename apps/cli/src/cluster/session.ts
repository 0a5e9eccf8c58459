import { loadConfig, loadEncryptionKey } from '@rookery/config';
import { RookeryError } from '@rookery/protocol';
import type { ClusterControl } from '@rookery/service';
import { CommandFailure } from '../failure';
import { AccountCommands, type CommandContext } from './account-commands';
import { BroadcastCommands } from './broadcast-commands';
import { clusterRedisUrl } from './cluster-redis';
import { LimitCommands } from './limit-commands';
import { PluginCommands } from './plugin-commands';
import { WhyCommands } from './why-commands';

export interface ClusterParts {
  readonly control: ClusterControl;
  readonly accounts: AccountCommands;
  readonly broadcasts: BroadcastCommands;
  readonly limits: LimitCommands;
  readonly plugins: PluginCommands;
  readonly why: WhyCommands;
  readonly context: CommandContext;
}

/** One command against a running cluster: connects, runs it, disconnects. */
export class ClusterSession {
  constructor(
    private readonly context: CommandContext,
    private readonly setExitCode: (code: number) => void,
  ) {}

  async run(command: (parts: ClusterParts) => Promise<number>): Promise<void> {
    const { context } = this;
    const config = loadConfig(context.env);
    const redisUrl = await clusterRedisUrl(context.env, config);
    const encryptionKey = loadEncryptionKey(context.env, config);
    // Nest is loaded by the commands that talk to a cluster only: it would be half of the time that `rookery up` takes to begin.
    const { connectClusterControl } = await import('@rookery/service');
    const connection = await connectClusterControl({
      redisUrl,
      config,
      encryptionKey,
      onTrouble: () => undefined,
    }).catch((thrown: unknown) => {
      if (!(thrown instanceof RookeryError) || thrown.code !== 'REDIS_UNREACHABLE') throw thrown;
      throw new CommandFailure(`${thrown.message}\n无法连接集群的 Redis，请确认集群正在运行。`);
    });
    try {
      const { control, broadcasts, limits, plugins, why } = connection;
      this.setExitCode(
        await command({
          control,
          accounts: new AccountCommands(control, config, context),
          broadcasts: new BroadcastCommands(broadcasts, context),
          limits: new LimitCommands(limits, context),
          plugins: new PluginCommands(plugins, context),
          why: new WhyCommands(why, context),
          context,
        }),
      );
    } finally {
      await connection.close();
    }
  }
}
