/** One server of a Redis, or one Sentinel. */
interface RedisHost {
  readonly host: string;
  readonly port: number;
}

interface RedisLogin {
  readonly username?: string;
  readonly password?: string;
}

/** Paths of PEM files; what is left out comes with the system. Certificates are always verified. */
export interface RedisTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name that certificates must bear, where it is not that of the host. */
  readonly serverName?: string;
}

interface Reached {
  /** At least one. */
  readonly hosts: readonly RedisHost[];
  readonly login: RedisLogin;
  /** Absent: in the clear. */
  readonly tls?: RedisTls;
}

/** Where a Redis is, and who we are there. */
export type RedisAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | (Reached & { readonly kind: 'single'; readonly db: number })
  /** `hosts`: those that are asked for the others first. */
  | (Reached & { readonly kind: 'cluster' })
  /** `hosts`: the Sentinels, which tell where `master` is now. */
  | (Reached & {
      readonly kind: 'sentinel';
      readonly db: number;
      readonly master: string;
      readonly sentinelLogin: RedisLogin;
    });

export const REDIS_URL_FORMS =
  'must be redis://host:port, unix:///absolute/path.sock, redis+cluster://host:port,host:port or ' +
  'redis+sentinel://host:port,host:port/master; rediss… where TLS is spoken';

const FORM =
  /^(redis|rediss)(?:\+(cluster|sentinel))?:\/\/(?:([^@/?#]*(?:@[^@/?#]*)*)@)?([^@/?#]+)(\/[^?#]*)?(?:\?([^#]*))?$/;
const PORTS = { single: 6379, cluster: 6379, sentinel: 26379 } as const;
const TLS_FILES = ['ca', 'cert', 'key'] as const;

/** The address that a URL means, or what is wrong with it. Never repeats the URL, which may hold a password. */
export function parseRedisUrl(url: string): RedisAddress | { readonly problem: string } {
  if (url.startsWith('unix://')) return parseSocket(url);
  const [, scheme, kind = 'single', user = '', names = '', path = '', query = ''] = FORM.exec(url) ?? [];
  const parameters = new URLSearchParams(query);
  try {
    const hosts = names.split(',').map((name) => hostOf(name, PORTS[kind as keyof typeof PORTS]));
    const reached = { hosts, login: loginOf(user), ...(scheme === 'rediss' && { tls: tlsOf(parameters) }) };
    const address = addressOf(kind, reached, decodeURIComponent(path.slice(1)), parameters);
    const [unknown] = parameters.keys();
    if (unknown !== undefined) return { problem: `has the parameter ${unknown}, which has no meaning there` };
    return scheme === undefined ? { problem: REDIS_URL_FORMS } : address;
  } catch (thrown) {
    return { problem: thrown instanceof Unfit ? thrown.message : REDIS_URL_FORMS };
  }
}

class Unfit extends Error {}

function parseSocket(url: string): RedisAddress | { readonly problem: string } {
  if (!/^unix:\/\/\/[^\0]+$/.test(url)) return { problem: REDIS_URL_FORMS };
  return { kind: 'socket', path: decodeURIComponent(new URL(url).pathname) };
}

/** Takes what it understands out of `parameters`. */
function addressOf(kind: string, reached: Reached, path: string, parameters: URLSearchParams): RedisAddress {
  if (kind === 'cluster') {
    if (path !== '' && path !== '0') throw new Unfit('names a database; a Redis Cluster has only one');
    return { kind, ...reached };
  }
  if (kind === 'single') {
    if (reached.hosts.length > 1) throw new Unfit(REDIS_URL_FORMS);
    return { kind, ...reached, db: databaseOf(path) };
  }
  const [master = '', db = '', ...more] = path.split('/');
  if (master === '' || more.length > 0) throw new Unfit('must end with /name, the name of the master in sentinel.conf');
  const sentinelLogin = login(taken(parameters, 'sentinelUsername'), taken(parameters, 'sentinelPassword'));
  return { kind: 'sentinel', ...reached, master, db: databaseOf(db), sentinelLogin };
}

function hostOf(name: string, usual: number): RedisHost {
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(name) ?? [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? usual : Number(digits);
  if (host === undefined || port < 1 || port > 65_535) throw new Unfit(REDIS_URL_FORMS);
  return { host, port };
}

function loginOf(user: string): RedisLogin {
  const colon = user.indexOf(':');
  const [name, password] = colon < 0 ? [user, ''] : [user.slice(0, colon), user.slice(colon + 1)];
  return login(decodeURIComponent(name), decodeURIComponent(password));
}

function login(username = '', password = ''): RedisLogin {
  return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
}

function databaseOf(text: string): number {
  if (!/^\d{0,4}$/.test(text)) throw new Unfit('must end with the number of a database, or with none');
  return Number(text);
}

function tlsOf(parameters: URLSearchParams): RedisTls {
  const files = TLS_FILES.map((name) => [name, taken(parameters, name)] as const).filter(
    ([, path]) => path !== undefined,
  );
  for (const [name, path] of files) {
    if (path?.startsWith('/') !== true) throw new Unfit(`must have an absolute path in ${name}=`);
  }
  const tls: RedisTls = Object.fromEntries(files);
  if ((tls.cert === undefined) !== (tls.key === undefined)) throw new Unfit('needs cert= and key=, both or none');
  const serverName = taken(parameters, 'serverName');
  return { ...tls, ...(serverName !== undefined && { serverName }) };
}

function taken(parameters: URLSearchParams, name: string): string | undefined {
  const value = parameters.get(name);
  parameters.delete(name);
  return value ?? undefined;
}
