import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The package with the schemas of an API group; those of Kubernetes itself are in one. */
const GROUPS = {
  'keda.sh': '@kubernetes-models/keda',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
};
const packageOf = (apiVersion) => `${GROUPS[apiVersion.split('/')[0]] ?? 'kubernetes-models'}/${apiVersion}`;

/**
 * What is wrong with Kubernetes objects, as texts; `of` is what people call the place that an object is from. The schemas say which values fit; keys that nobody knows, which schemas let pass and a
 * cluster ignores or refuses, are found by the compiler, which holds every object against its type.
 */
export async function problemsOf(objects, { modules, typescript }) {
  const problems = [];
  const lines = [];
  for (const [index, { of, object }] of objects.entries()) {
    const { apiVersion, kind, metadata } = object;
    const name = `${of}: ${kind} ${metadata?.name}`;
    const source = packageOf(apiVersion);
    let Model;
    try {
      Model = (await import(pathToFileURL(join(modules, 'node_modules', source, 'index.js')).href))[kind];
    } catch {
      Model = undefined;
    }
    if (Model === undefined) {
      problems.push(`${name}: there is no ${kind} in ${apiVersion}`);
      continue;
    }
    try {
      await new Model(object).validate();
    } catch (error) {
      problems.push(`${name}: ${error.message}`);
    }
    const { apiVersion: _, kind: __, ...rest } = object;
    lines.push(`import type { I${kind} as I${index} } from '${source}';`);
    lines.push(
      `/* ${name} */ export const o${index}: Omit<I${index}, 'apiVersion' | 'kind'> = ${JSON.stringify(rest)};`,
    );
  }
  const folder = join(modules, `objects-${process.pid}`);
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, 'objects.ts'), `${lines.join('\n')}\n`);
    const compilerOptions = {
      noEmit: true,
      strict: true,
      skipLibCheck: true,
      module: 'esnext',
      moduleResolution: 'bundler',
      types: [],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['objects.ts'] }));
    const { stdout, status } = spawnSync(process.execPath, [typescript, '-p', folder, '--pretty', 'false'], {
      encoding: 'utf8',
    });
    const found = [...stdout.matchAll(/objects\.ts\((\d+),\d+\): error TS\d+: (.*)/g)];
    if (status !== 0 && found.length === 0) problems.push(`the compiler did not run: ${stdout}`);
    for (const [, line, text] of found) {
      problems.push(`${/\/\* (.*?) \*\//.exec(lines[line - 1])?.[1] ?? 'an object'}: ${text}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return problems;
}
