import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { loadConfig } from '@rookery/config';
import { startChild } from '../up/child';
import type { LocalCluster } from '../up/local-cluster';
import { runUp, type FleetOptions, type UpContext } from '../up/run-up';
import { Compilers, projectsOf } from './compilers';
import { DevLoop, type DevSource } from './dev-loop';

export interface DevContext extends Omit<UpContext, 'alongside'> {
  /** Compiled script that tells what a worker would have against plugins. */
  readonly checkScript: string;
  /** Compiled script that ends a process with its parent. */
  readonly preload: string;
}

const checked = z.looseObject({ problems: z.array(z.string()) });

/** `up`, and the worker is started anew whenever a plugin changes. Exit code as of `up`. */
export function runDev(options: FleetOptions, context: DevContext): Promise<number> {
  return runUp(options, { ...context, alongside: (cluster) => develop(cluster, context) });
}

function develop(cluster: LocalCluster, context: DevContext): () => Promise<void> {
  const { env, output, clock, checkScript, preload } = context;
  const { file } = loadConfig(env);
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
  return async () => {
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
