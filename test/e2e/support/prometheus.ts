import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, until } from './processes';

const ROOT = join(__dirname, '../../..');

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export interface RunningPrometheus {
  query(expr: string): Promise<readonly Sample[]>;
  stop(): Promise<void>;
}

/** A real Prometheus that scrapes these addresses every second; its data are gone when it stops. */
export async function startPrometheus(targets: readonly string[]): Promise<RunningPrometheus> {
  const program = execFileSync(process.execPath, ['scripts/promtool.mjs', '--where'], { cwd: ROOT, encoding: 'utf8' });
  const dir = await mkdtemp(join(tmpdir(), 'rookery-prometheus-'));
  const config = {
    global: { scrape_interval: '1s' },
    scrape_configs: [{ job_name: 'rookery', static_configs: [{ targets }] }],
  };
  await writeFile(join(dir, 'prometheus.yaml'), JSON.stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    program.trim(),
    [`--config.file=${dir}/prometheus.yaml`, `--storage.tsdb.path=${dir}/data`, `--web.listen-address=${address}`],
    { stdio: 'ignore' },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await until('Prometheus is ready', () =>
    fetch(`http://${address}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return {
    async query(expr) {
      const answer = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(expr)}`);
      const body = (await answer.json()) as { data?: { result: Sample[] }; error?: string };
      if (body.data === undefined) throw new Error(`${expr}: ${body.error}`);
      return body.data.result;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(dir, { recursive: true, force: true });
    },
  };
}
