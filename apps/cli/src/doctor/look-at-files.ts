import { accessSync, constants, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Finding } from './finding';

/** Permission bits of everybody who is neither the owner nor in the group. */
const OTHERS = 0o007;

/**
 * Files with secrets, and the folder where the private Redis keeps messages, are for this user (and its group) alone. `usesDataDir`: false
 * where another Redis is named, and nothing is kept here.
 */
export function lookAtFiles(secretFiles: readonly string[], dataDir: string, usesDataDir: boolean): Finding[] {
  const redisFolder = join(dataDir, 'redis');
  const isOpen = (path: string) => ((modeOf(path) ?? 0) & OTHERS) !== 0;
  return [
    ...secretFiles.filter(isOpen).map(secretReadable),
    ...(isOpen(redisFolder) ? [dataReadable(redisFolder)] : []),
    ...(usesDataDir ? dataFolder(dataDir) : []),
  ];
}

function secretReadable(path: string): Finding {
  return {
    id: 'secret-readable',
    place: path,
    problem: {
      en: 'every user of this machine can read the secrets in it',
      zh: '本机所有用户都能读取其中的密钥或 token',
    },
    remedy: { en: `chmod 600 ${path}`, zh: `执行 chmod 600 ${path}` },
  };
}

function dataReadable(path: string): Finding {
  return {
    id: 'data-readable',
    place: path,
    problem: {
      en: 'every user of this machine can read the messages that Redis keeps in it',
      zh: '本机所有用户都能读取 Redis 保存在其中的消息',
    },
    remedy: { en: `chmod 700 ${path}`, zh: `执行 chmod 700 ${path}` },
  };
}

/** It need not be there yet: then what counts is whether it can be made. */
function dataFolder(dataDir: string): Finding[] {
  let nearest = dataDir;
  while (modeOf(nearest) === undefined && dirname(nearest) !== nearest) nearest = dirname(nearest);
  try {
    if (!statSync(nearest).isDirectory()) throw new TypeError('not a folder');
    accessSync(nearest, constants.W_OK | constants.X_OK);
    return [];
  } catch {
    const problem =
      nearest === dataDir
        ? { en: 'is no folder that this user can write to', zh: '不是当前用户可写的文件夹' }
        : { en: `cannot be made: ${nearest} is not writable`, zh: `无法创建：${nearest} 不可写` };
    return [
      {
        id: 'data-folder',
        place: dataDir,
        problem,
        remedy: {
          en: 'name another folder as `dataDir`, or give this one to the user that runs Rookery (chown)',
          zh: '在 `dataDir` 中换一个文件夹，或用 chown 把它交给运行 Rookery 的用户',
        },
      },
    ];
  }
}

/** Undefined where there is nothing, or nothing that this user may look at. */
function modeOf(path: string): number | undefined {
  try {
    return statSync(path).mode;
  } catch {
    return undefined;
  }
}
