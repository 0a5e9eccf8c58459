import { Fleet, type FleetAccount } from '@rookery/simulator';
import { createLogger } from '@rookery/telemetry';
import type { SimulatorOptions } from './options';
import { Probes } from './probes';
import { Story } from './story';

/** What the parent process is told over IPC once the simulated accounts can be reached. */
interface SimulatorReady {
  readonly type: 'ready';
  readonly accounts: readonly FleetAccount[];
  readonly healthPort: number;
}

/** A running simulator process. */
export interface RunningSimulator {
  readonly ready: SimulatorReady;
  /** Has a person of the first group, always the same one, say something there. */
  readonly say: (text: string) => void;
  close(): Promise<void>;
}

/** Starts the fleet and the probes; people begin to talk when the first account has a client. */
export async function runSimulator(options: SimulatorOptions): Promise<RunningSimulator> {
  const logger = createLogger('simulator', options.logLevel);
  const { reverseUrl, token, healthPort: wantedPort, accounts, groups, rate, port, seed } = options;
  const fleet = await Fleet.start({
    accounts,
    groups,
    rate,
    port,
    seed,
    endpoint: { reportSelf: true },
    ...(reverseUrl !== undefined && { reverseUrl }),
    ...(token !== undefined && { token }),
  });
  const story = new Story(fleet, logger);
  const endpoints = [...fleet.host.all];
  const clients = () => endpoints.filter((endpoint) => endpoint.listened).length;
  for (const endpoint of endpoints) {
    endpoint.on('attached', (connection) => {
      logger.debug({ account: endpoint.self, connection: connection.id }, 'client attached');
      fleet.chatter.resume();
    });
    endpoint.on('detached', (connection) => {
      logger.debug({ account: endpoint.self, connection: connection.id }, 'client detached');
      if (clients() === 0) fleet.chatter.pause();
    });
  }
  fleet.world.audit.on('violated', ({ self, text }) =>
    logger.warn({ account: self }, `request not as it should be: ${text}`),
  );
  const probes = new Probes({
    ready: () => clients() > 0,
    figures: () => [
      ['messages_total', 'Messages that simulated people have said.', 'counter', story.said],
      ['answers_total', 'Messages that the accounts have sent.', 'counter', story.answered],
      ['violations_total', 'Faults found in the requests received.', 'counter', fleet.world.audit.violations.length],
      ['accounts', 'Simulated accounts.', 'gauge', endpoints.length],
      ['accounts_attached', 'Simulated accounts with a client.', 'gauge', clients()],
    ],
  });
  const healthPort = await probes.listen(wantedPort);
  logger.info({ accounts, groups, rate, healthPort }, 'simulated accounts wait for their clients');
  return {
    ready: { type: 'ready', accounts: fleet.accounts, healthPort },
    say: (text) => say(fleet, text),
    close: async () => {
      await fleet.close();
      await probes.close();
      logger.info({ said: story.said, answered: story.answered }, 'simulator closed');
    },
  };
}

function say({ world }: Fleet, text: string): void {
  const [group] = world.directory.groups.values();
  const person = [...(group?.members.keys() ?? [])].find((userId) => !world.directory.accounts.has(userId));
  if (group && person !== undefined) world.say(person, { group: group.groupId }, text);
}
