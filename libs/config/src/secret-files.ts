import { dirname, resolve } from 'node:path';
import { variable, type Environment } from './environment';
import { configPath } from './load-config';
import { referencedFiles } from './references';
import { readYaml } from './yaml-file';

const SECRET_KEYS = new Set(['token', 'password', 'encryptionKey']);

/**
 * Absolute paths of the files that hold secrets: each that `${file:…}` names, and a settings file itself where a secret is
 * written out in it. Files that cannot be read are left to `loadConfig`.
 */
export function secretFiles(env: Environment): readonly string[] {
  const found = new Set<string>();
  const fleet = variable(env, 'ROOKERY_FLEET');
  for (const path of [configPath(env), fleet === undefined ? undefined : resolve(fleet)]) {
    const read = path === undefined ? undefined : readYaml(path);
    if (path === undefined || read?.ok !== true) continue;
    for (const { key, text } of texts(read.file.value)) {
      for (const name of referencedFiles(text)) found.add(resolve(dirname(path), name));
      if (!text.includes('${') && isSecret(key, text)) found.add(path);
    }
  }
  for (const name of referencedFiles(variable(env, 'ROOKERY_KEY') ?? '')) found.add(resolve(name));
  return [...found];
}

function isSecret(key: string, text: string): boolean {
  return (
    SECRET_KEYS.has(key) ||
    (key === 'url' && /^rediss?(?:\+\w+)?:\/\/(?:[^/@]*:[^/@]+@|.*[?&]sentinelPassword=.)/.test(text))
  );
}

function* texts(value: unknown, key = ''): Generator<{ readonly key: string; readonly text: string }> {
  if (typeof value === 'string') yield { key, text: value };
  else if (Array.isArray(value)) for (const item of value) yield* texts(item, key);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) yield* texts(item, name);
  }
}
