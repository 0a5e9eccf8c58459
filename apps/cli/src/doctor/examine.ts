import { loadConfig, loadEncryptionKey, secretFiles, type Environment, type RookeryConfig } from '@rookery/config';
import { toError, type Clock } from '@rookery/protocol';
import {
  AccountBoard,
  AccountRegistry,
  connectRedis,
  HoldMemories,
  inspectRedis,
  requireRights,
  liveNodes,
  redactedRedisUrl,
  type Redis,
} from '@rookery/redis';
import { findClusterRedis } from '../cluster/cluster-redis';
import { givenRedisUrl } from '../up/local-redis';
import type { Finding, Look, Text } from './finding';
import { lookAtAccounts, type AccountToLookAt } from './look-at-accounts';
import { lookAtAdapters } from './look-at-adapters';
import { lookAtFiles } from './look-at-files';
import { lookAtPorts } from './look-at-ports';
import { lookAtAddress, lookAtRedis, redisSilent } from './look-at-redis';

export interface DoctorContext {
  readonly env: Environment;
  readonly clock: Clock;
  /** `process.versions.node` */
  readonly nodeVersion: string;
  /** Files and folders with NapCat's settings; none: they are not looked at. */
  readonly napcat: readonly string[];
}

/** What was looked at, in this order. */
export const LOOKS = ['program', 'settings', 'files', 'ports', 'redis', 'accounts', 'napcat settings'] as const;
export type Examination = Readonly<Record<(typeof LOOKS)[number], Look>>;

const OLDEST_NODE: readonly [number, number] = [20, 19];
const NO_SETTINGS: Text = { en: 'the settings cannot be read', zh: '无法读取配置' };

/** Looks at everything that Rookery needs and changes nothing. */
export async function examine(context: DoctorContext): Promise<Examination> {
  const { env, nodeVersion, napcat } = context;
  const program = { findings: nodeFindings(nodeVersion) };
  let config: RookeryConfig;
  let givenRedis: string | undefined;
  try {
    config = loadConfig(env);
    loadEncryptionKey(env, config);
    givenRedis = givenRedisUrl(env, config);
  } catch (thrown) {
    const skipped = { skipped: NO_SETTINGS };
    const settings = { findings: [configInvalid(toError(thrown).message)] };
    return {
      program,
      settings,
      files: skipped,
      ports: skipped,
      redis: skipped,
      accounts: skipped,
      'napcat settings': skipped,
    };
  }
  const [ports, { redis, accounts }] = await Promise.all([lookAtPorts(config), lookThroughRedis(config, context)]);
  return {
    program,
    settings: { findings: [] },
    files: { findings: lookAtFiles(secretFiles(env), config.dataDir, givenRedis === undefined) },
    ports: { findings: ports },
    redis,
    accounts,
    'napcat settings':
      napcat.length === 0
        ? { skipped: { en: 'name their folder with --napcat', zh: '用 --napcat 指定文件夹后才会检查' } }
        : { findings: lookAtAdapters(napcat, config) },
  };
}

function nodeFindings(version: string): Finding[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return [];
  return [
    {
      id: 'node-version',
      place: `Node.js ${version}`,
      problem: { en: 'is too old', zh: '版本过旧' },
      remedy: { en: 'install Node.js 20.19 or newer', zh: '请安装 Node.js 20.19 或更新版本' },
    },
  ];
}

function configInvalid(message: string): Finding {
  return {
    id: 'config-invalid',
    place: 'rookery.yaml',
    problem: { en: message, zh: '配置有误（见上面列出的每一处）' },
    remedy: {
      en: 'correct every place that is listed; rookery.example.yaml explains all keys',
      zh: '请逐一更正上面列出的位置；rookery.example.yaml 解释了每个键',
    },
  };
}

type Looks = Pick<Examination, 'redis' | 'accounts'>;

/** Without Redis the accounts of the file are looked at all the same. */
async function lookThroughRedis(config: RookeryConfig, context: DoctorContext): Promise<Looks> {
  const { env, clock } = context;
  const ofFile = () =>
    lookAtAccounts(
      config.accounts.map((account) => ({ account })),
      clock,
    );
  const url = await findClusterRedis(env, config);
  if (url === undefined) {
    const none = {
      en: 'none is named and none runs; `npm start` brings one',
      zh: '没有指定也没有运行；`npm start` 会自带一个',
    };
    return { redis: { skipped: none }, accounts: { findings: await ofFile() } };
  }
  const shownUrl = redactedRedisUrl(url);
  let redis: Redis | undefined;
  try {
    redis = await connectRedis(url, 'producer', 'rookery-doctor', () => undefined);
    await requireRights(redis);
    const begun = clock.monotonic();
    const facts = await inspectRedis(redis);
    const tookMs = clock.monotonic() - begun;
    const askedAt = clock.now() - tookMs;
    const found = facts.flatMap((fact) =>
      lookAtRedis({ shownUrl: fact.server ?? shownUrl, facts: fact, askedAt, tookMs }, config.partitions),
    );
    found.push(...lookAtAddress(url, shownUrl, facts));
    if (found.some(({ id }) => id === 'redis-cluster')) {
      return { redis: { findings: found }, accounts: { findings: await ofFile() } };
    }
    return { redis: { findings: found }, accounts: { findings: await ofCluster(redis, config, context) } };
  } catch (thrown) {
    const { message, cause } = toError(thrown);
    const said = cause === undefined ? message : toError(cause).message;
    return {
      redis: { findings: [redisSilent(shownUrl, said)] },
      accounts: { findings: await ofFile() },
    };
  } finally {
    redis?.disconnect();
  }
}

/** The accounts of the file and those that were added at run time, with what their connectors say of them. */
async function ofCluster(redis: Redis, config: RookeryConfig, { env, clock }: DoctorContext): Promise<Finding[]> {
  const found: Finding[] = [];
  const registry = new AccountRegistry({ redis, config, encryptionKey: loadEncryptionKey(env, config) });
  registry.on('unusable', (account, reason) => found.push(unusable(account, reason)));
  const [registered, statuses, nodes] = await Promise.all([
    registry.all(),
    new AccountBoard(redis).all(),
    liveNodes(redis),
  ]);
  const alive = new Set<string>(nodes);
  const posted = new Map(statuses.filter(({ node }) => alive.has(node)).map((status) => [status.self, status]));
  const known = new Set(registered.map(({ selfId }) => selfId));
  const wanted = [
    ...registered.filter(({ wanted: wish }) => wish !== 'stopped'),
    ...config.accounts.filter(({ selfId }) => !known.has(selfId)),
  ];
  const memories = new HoldMemories(redis);
  const accounts = wanted.map(async (account): Promise<AccountToLookAt> => {
    const holds = await memories.load(account.selfId);
    const heldUntil = new Map(holds?.breakers.map(([of, { until }]) => [of, until]));
    return { account, posted: posted.get(account.selfId), heldUntil };
  });
  found.push(...(await lookAtAccounts(await Promise.all(accounts), clock)));
  return found;
}

function unusable(account: string, reason: string): Finding {
  return {
    id: 'account-unusable',
    place: `account ${account}`,
    problem: { en: reason, zh: `无法使用该账号的登记：${reason}` },
    remedy: {
      en: 'give this process the ROOKERY_KEY (or `encryptionKey`) with which the account was added, or remove the account and add it again',
      zh: '请设置添加该账号时所用的 ROOKERY_KEY（或 `encryptionKey`），或移除后重新添加该账号',
    },
  };
}
