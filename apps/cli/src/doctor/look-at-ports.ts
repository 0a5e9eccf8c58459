import { request } from 'node:http';
import type { RookeryConfig } from '@rookery/config';
import { isServedByRookery } from '@rookery/onebot';
import type { Finding } from './finding';

const ASK_MS = 2_000;
const CONSOLE_PORT = 9300;

/** Ports that Rookery will want and that another program has. Ports of its own running processes are no finding. */
export async function lookAtPorts(config: RookeryConfig): Promise<Finding[]> {
  const { console, connector, worker, reverse } = config;
  const wanted = [
    { setting: 'console.port', host: console.host, port: console.port ?? CONSOLE_PORT },
    { setting: 'connector.port', host: connector.host, port: connector.port },
    { setting: 'worker.port', host: worker.host, port: worker.port },
  ];
  const probes = wanted.map(async ({ setting, host, port }) => {
    if (port === undefined || port === 0 || (await whoListens(host, port)) !== 'other') return [];
    return [taken('port-taken', setting, host, port)];
  });
  const found = (await Promise.all(probes)).flat();
  if (reverse.port === 0) return found;
  const here = dialled(reverse.host);
  const isOthers =
    (await whoListens(reverse.host, reverse.port)) === 'other' && !(await isServedByRookery(here, reverse.port));
  return isOthers ? [...found, taken('reverse-port-taken', 'reverse.port', reverse.host, reverse.port)] : found;
}

function taken(id: 'port-taken' | 'reverse-port-taken', setting: string, host: string, port: number): Finding {
  return {
    id,
    place: `${host}:${port}`,
    problem: { en: 'another program listens there', zh: '该端口已被其他程序占用' },
    remedy: {
      en: `stop that program (\`ss -ltnp 'sport = :${port}'\` names it), or change \`${setting}\`${id === 'reverse-port-taken' ? ' and the URL in every NapCat' : ''}`,
      zh: `请停止该程序（用 \`ss -ltnp 'sport = :${port}'\` 查看），或修改 \`${setting}\`${id === 'reverse-port-taken' ? '以及每个 NapCat 中的地址' : ''}`,
    },
  };
}

/** An address that means "all of this machine" cannot be dialled everywhere. */
const dialled = (host: string) => ({ '0.0.0.0': '127.0.0.1', '::': '::1' })[host] ?? host;

/** `nobody` also where the address is of another machine and cannot be reached from here. */
function whoListens(host: string, port: number): Promise<'nobody' | 'rookery' | 'other'> {
  return new Promise((resolve) => {
    const asking = request({ host: dialled(host), port, path: '/readyz', timeout: ASK_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
        if (body.length > 65_536) response.destroy();
      });
      response.on('close', () => resolve(/^\{"status":"(?:not )?ready"/.test(body) ? 'rookery' : 'other'));
    });
    let connected = false;
    asking.on('socket', (socket) => socket.once('connect', () => (connected = true)));
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve(connected ? 'other' : 'nobody'));
    asking.end();
  });
}
