// Makes the pictures of the dashboards in docs/pictures from a simulated fleet: starts `rookery up` and a Prometheus for a while
// (`--seconds N`, default 120), and plots what the panels' queries return. Needs a build.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main, preparePrometheus, prepareRedis, root } from './bootstrap.mjs';
import { plot } from './pictures/plot.mjs';

const POINTS = 60;
const RATE_INTERVAL = '20s';

await main(async (args) => {
  const seconds = args[0] === '--seconds' ? Number(args[1]) : 120;
  const { DASHBOARDS } = createRequire(import.meta.url)('../dist/libs/monitoring/src/index.js');
  const { prometheus } = await preparePrometheus();
  const dir = mkdtempSync(join(tmpdir(), 'rookery-pictures-'));
  const stops = [];
  try {
    const ports = await Promise.all([1, 2, 3, 4].map(freePort));
    const collector = await startCollector();
    stops.push(() => collector.stop());
    stops.push(await startFleet(dir, ports, await prepareRedis(), collector.url));
    const address = `127.0.0.1:${ports[3]}`;
    stops.push(startPrometheus(prometheus, dir, ports.slice(0, 3), address));
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    mkdirSync(join(root, 'docs/pictures'), { recursive: true });
    for (const [name, { title, panels }] of Object.entries(DASHBOARDS)) {
      const drawn = await Promise.all(panels.map((panel) => withData(panel, address, seconds)));
      writeFileSync(join(root, `docs/pictures/${name}.svg`), plot(title, drawn));
    }
  } finally {
    for (const stop of stops.reverse()) await stop();
    rmSync(dir, { recursive: true, force: true });
  }
});

async function startFleet(dir, [console_, connector, worker], redisServer, collector) {
  const config = join(dir, 'rookery.yaml');
  const settings = {
    console: { port: console_ },
    connector: { port: connector },
    worker: { port: worker },
    reverse: { port: 0 },
    telemetry: { otlp: { url: collector } },
  };
  writeFileSync(config, JSON.stringify(settings));
  const args = [join(root, 'dist/apps/cli/src/main.js'), 'up', '--accounts', '12', '--rate', '30'];
  const env = {
    PATH: process.env.PATH,
    ROOKERY_CONFIG: config,
    REDIS_SERVER_BIN: redisServer,
    ROOKERY_LOG_LEVEL: 'warn',
  };
  const child = spawn(process.execPath, args, { cwd: dir, env, stdio: ['ignore', 'ignore', 'inherit'] });
  return stopper(child, 'SIGINT');
}

/** Takes every trace and keeps none. */
async function startCollector() {
  const server = createHttpServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function startPrometheus(program, dir, ports, address) {
  const config = {
    global: { scrape_interval: '2s' },
    scrape_configs: [{ job_name: 'rookery', static_configs: [{ targets: ports.map((port) => `127.0.0.1:${port}`) }] }],
  };
  writeFileSync(join(dir, 'prometheus.yaml'), JSON.stringify(config));
  const args = [
    `--config.file=${dir}/prometheus.yaml`,
    `--storage.tsdb.path=${dir}/metrics`,
    `--web.listen-address=${address}`,
  ];
  return stopper(spawn(program, args, { stdio: 'ignore' }), 'SIGTERM');
}

function stopper(child, signal) {
  return async () => {
    if (child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
}

async function withData({ title, unit, queries }, address, seconds) {
  const end = Math.floor(Date.now() / 1000);
  const series = [];
  for (const { expr, legend } of queries) {
    const query = expr.replaceAll('$__rate_interval', RATE_INTERVAL).replaceAll('$account', '.*');
    const range = { query, start: end - seconds + 20, end, step: Math.max(1, Math.round(seconds / POINTS)) };
    const answer = await fetch(`http://${address}/api/v1/query_range?${new URLSearchParams(range)}`);
    const { data, error } = await answer.json();
    if (!data) throw new Error(`${title}: ${error}`);
    for (const { metric, values } of data.result) {
      const points = values.map(([at, value]) => [at, Number(value)]).filter(([, value]) => Number.isFinite(value));
      const name = legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label) => metric[label] ?? '');
      if (points.length > 0) series.push({ name: shortInstance(name), points });
    }
  }
  // The largest first: those are the ones that are drawn when there are many.
  const peak = (one) => Math.max(...one.points.map(([, value]) => value));
  return { title, unit, series: series.sort((a, b) => peak(b) - peak(a)) };
}

function shortInstance(name) {
  return name.replace(/^127\.0\.0\.1/, '');
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
