import { nodeId, type NodeId } from '@rookery/protocol';
import { randomBytes } from 'node:crypto';
import { variable, type Environment } from './environment';
import { loadConfig, type RookeryConfig } from './load-config';
import { configInvalid, type Problem } from './problem';
import { expandReferences, UNRESOLVED } from './references';
import { isLoopback } from './rules';
import { encryptionKeySchema, LOG_LEVELS, port, redisUrl } from './schema';
import type { Secret } from './secret';

type Role = 'connector' | 'worker' | 'console';

const CONSOLE_PORT = 9300;
/** Of one kind, with ports of their own choice. */
const PROCESSES_PER_MACHINE = 49;

/** Where a process answers over HTTP, and to whom. */
interface HttpSettings {
  readonly host: string;
  /** The first that is free is taken. */
  readonly ports: readonly number[];
  /** What to change when none is. */
  readonly setting: string;
  /** Only this machine can reach it. */
  readonly isLocal: boolean;
  /** Who may read /metrics: everybody who reaches it, or whoever has the token. */
  readonly metrics: 'open' | Secret;
}

/** What one process needs to know of itself, besides the settings of the cluster. */
export interface ProcessSettings {
  /** In a form that `parseRedisUrl` takes; may hold a password, so it is not for logs. */
  readonly redisUrl: string;
  readonly http: HttpSettings;
  readonly logLevel: RookeryConfig['log']['level'];
  /** Encrypts the tokens that are kept in Redis. */
  readonly encryptionKey?: Secret;
  /** Failure domain (machine, rack, data centre), ROOKERY_ZONE; empty where nobody said. */
  readonly zone: string;
  /** Unlike that of any earlier start, also of the same process. */
  readonly node: NodeId;
}

/** REDIS_URL, ROOKERY_HTTP_PORT, ROOKERY_LOG_LEVEL and ROOKERY_KEY go before the file. All problems are reported at once. */
export function loadProcessSettings(
  env: Environment,
  role: Role,
  config: RookeryConfig = loadConfig(env),
): ProcessSettings {
  const problems: Problem[] = [];
  const report = (place: string, text: string) => problems.push({ place, path: [], text });
  const redis = readRedisUrl(env, report) ?? config.redis.url;
  if (redis === undefined && problems.length === 0) {
    report(
      'REDIS_URL',
      'is not set; `npm start` brings its own Redis, a single process needs REDIS_URL or `redis.url`',
    );
  }
  const http = readHttp(env, role, config, report);
  const logLevel = readLogLevel(env, report) ?? config.log.level;
  const encryptionKey = readKey(env, config, report);
  const zone = readZone(env, report);
  if (redis === undefined || problems.length > 0) throw configInvalid(problems);
  return {
    redisUrl: redis,
    http,
    logLevel,
    zone,
    ...(encryptionKey && { encryptionKey }),
    node: nodeId(`${role}-${randomBytes(5).toString('hex')}`),
  };
}

type Report = (place: string, text: string) => void;

function readRedisUrl(env: Environment, report: Report): string | undefined {
  const given = variable(env, 'REDIS_URL');
  if (given === undefined) return undefined;
  const result = redisUrl.safeParse(given);
  if (!result.success) report('REDIS_URL', result.error.issues[0]?.message ?? 'cannot be used');
  return given;
}

function readHttp(env: Environment, role: Role, config: RookeryConfig, report: Report): HttpSettings {
  const { host, port: configured } = config[role];
  const given = variable(env, 'ROOKERY_HTTP_PORT');
  const reach = { host, isLocal: isLoopback(host), metrics: metricsReaders(role, config) };
  if (given === undefined) {
    return { ...reach, ports: configured === undefined ? usualPorts(role) : [configured], setting: `${role}.port` };
  }
  const number = /^\d{1,5}$/.test(given) ? Number(given) : Number.NaN;
  if (!port.safeParse(number).success) report('ROOKERY_HTTP_PORT', 'must be a whole number from 0 to 65535');
  return { ...reach, ports: [number], setting: 'ROOKERY_HTTP_PORT' };
}

/** Beyond this machine never open unless that was said: a console there has its own token, and others are not started without one. */
function metricsReaders(role: Role, { metrics, console: { host, token } }: RookeryConfig): HttpSettings['metrics'] {
  if (metrics.token !== undefined) return metrics.token;
  return role === 'console' && !isLoopback(host) && !metrics.open && token !== undefined ? token : 'open';
}

/**
 * Where nobody said a port: further connectors of a machine have the next odd ones and further workers the next even ones, so that
 * the two never take each other's. There is one console; people know its address.
 */
function usualPorts(role: Role): readonly number[] {
  if (role === 'console') return [CONSOLE_PORT];
  const first = role === 'connector' ? 9301 : 9302;
  return Array.from({ length: PROCESSES_PER_MACHINE }, (_, n) => first + 2 * n);
}

function readLogLevel(env: Environment, report: Report): ProcessSettings['logLevel'] | undefined {
  const given = variable(env, 'ROOKERY_LOG_LEVEL');
  if (given === undefined) return undefined;
  const level = LOG_LEVELS.find((name) => name === given);
  if (level === undefined) report('ROOKERY_LOG_LEVEL', `must be one of ${LOG_LEVELS.join(', ')}`);
  return level;
}

function readZone(env: Environment, report: Report): string {
  const zone = variable(env, 'ROOKERY_ZONE') ?? '';
  if (!/^[A-Za-z0-9._-]{0,64}$/.test(zone)) report('ROOKERY_ZONE', 'must have at most 64 letters, digits, ., - or _');
  return zone;
}

/** The key that encrypts tokens in Redis: ROOKERY_KEY, else `encryptionKey`. Throws CONFIG_INVALID when it cannot be used. */
export function loadEncryptionKey(env: Environment, config: RookeryConfig): Secret | undefined {
  const problems: Problem[] = [];
  const key = readKey(env, config, (place, text) => problems.push({ place, path: [], text }));
  if (problems.length > 0) throw configInvalid(problems);
  return key;
}

/** `${file:…}` of the variable starts in the working directory. */
function readKey(env: Environment, config: RookeryConfig, report: Report): Secret | undefined {
  const given = variable(env, 'ROOKERY_KEY');
  if (given === undefined) return config.encryptionKey;
  const text = expandReferences(given, { env, folder: '.', report: (_, problem) => report('ROOKERY_KEY', problem) });
  if (text === UNRESOLVED) return undefined;
  const result = encryptionKeySchema.safeParse(text);
  if (!result.success) report('ROOKERY_KEY', result.error.issues[0]?.message ?? 'cannot be used');
  return result.data;
}
