import { createRequire } from 'node:module';
import { join } from 'node:path';
import { main, prepareBuild, prepareRedis, root } from '../bootstrap.mjs';

/** Everything that is needed, then a command of `rookery` with the same arguments, in this process. */
export function launch(command) {
  return main(async (args) => {
    await prepareBuild();
    const require = createRequire(import.meta.url);
    const { loadConfig, readEnvironment } = require('../../dist/libs/config/src/index.js');
    if (wantsPrivateRedis(() => loadConfig(readEnvironment()))) process.env.REDIS_SERVER_BIN = await prepareRedis();
    const cli = join(root, 'dist/apps/cli/src/main.js');
    process.argv = [process.execPath, cli, command, ...args];
    process.setSourceMapsEnabled(true);
    require(cli);
  });
}

function wantsPrivateRedis(load) {
  if (process.env.REDIS_URL) return false;
  try {
    return load().redis.url === undefined;
  } catch {
    return false; // `up` says what is wrong with the settings; no need to fetch anything before
  }
}
