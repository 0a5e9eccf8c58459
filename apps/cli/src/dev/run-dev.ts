import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { loadConfig } from '@rookery/config';
import { startChild } from '../up/child';
import type { LocalCluster } from '../up/local-cluster';
import { runUp, type FleetOptions, type UpContext } from '../up/run-up';
import { DEFAULT_FLEET } from '../up/simulated-fleet';
import { Compilers, projectsOf } from './compilers';
import { DevLoop, type DevSource } from './dev-loop';

export interface DevContext extends Omit<UpContext, 'alongside' | 'usualFleet'> {
  /** What the author types. */
  readonly input: NodeJS.ReadableStream;
  /** Compiled script that tells what a worker would have against plugins. */
  readonly checkScript: string;
  /** Compiled script that ends a process with its parent. */
  readonly preload: string;
}

const checked = z.looseObject({ problems: z.array(z.string()) });

/** Nobody talks but the author. */
const QUIET_FLEET = { ...DEFAULT_FLEET, rate: 0 };

/** `up`, and the worker is started anew whenever a plugin changes. Exit code as of `up`. */
export function runDev(options: FleetOptions, context: DevContext): Promise<number> {
  return runUp(options, { ...context, usualFleet: QUIET_FLEET, alongside: (cluster) => develop(cluster, context) });
}

function develop(cluster: LocalCluster, context: DevContext): () => Promise<void> {
  const { env, output, clock, checkScript, preload } = context;
  const config = loadConfig(env);
  const { file } = config;
  const folder = file === undefined ? resolve('.') : dirname(file);
  const compilers = new Compilers({ env, output, preload });
  const loop = new DevLoop({
    folder,
    file: file ?? join(folder, 'rookery.yaml'),
    clock,
    output,
    sources: () => loadConfig(env).plugins.map((plugin) => ({ ...plugin, module: resolve(plugin.module) })),
    compile: (sources) =>
      compilers.follow(
        projectsOf(
          folder,
          sources.map(({ module }) => module),
        ),
      ),
    check: (sources) => check(sources, context, checkScript),
    restart: () => cluster.restartWorker(),
  });
  loop.start();
  const typed = createInterface({ input: context.input });
  typed.on('line', (line) => {
    if (line.trim() !== '') cluster.say(line.trim());
  });
  if (config.accounts.length === 0)
    output.say(
      'info',
      'dev: type a message: a simulated person says it in a group / 直接输入消息，由模拟用户在群里说出',
    );
  return async () => {
    typed.close();
    compilers.stop();
    await loop.stop();
  };
}

/** In a process of its own: code of plugins never runs in ours, and what it does when it is loaded ends with it. */
async function check(
  sources: readonly DevSource[],
  { output, clock }: DevContext,
  script: string,
): Promise<readonly string[]> {
  const spec = { app: 'plugins', script: [script, JSON.stringify(sources)], env: {} };
  const child = await startChild(spec, { output, clock }, new AbortController().signal);
  const { problems } = checked.parse(child.ready);
  await child.gone;
  return problems;
}
