// `npm test`: everything that is needed, then Jest with the same arguments.
import { spawnSync } from 'node:child_process';
import { main, prepareBuild, preparePrometheus, prepareRedis, root } from './bootstrap.mjs';

await main(async (args) => {
  await prepareBuild();
  const REDIS_SERVER_BIN = await prepareRedis();
  await preparePrometheus();
  // Tests bring their own Redis and settings; nobody's real ones may be touched.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name !== 'REDIS_URL' && !name.startsWith('ROOKERY_')),
  );
  const jest = spawnSync(process.execPath, ['node_modules/jest/bin/jest.js', ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...env, REDIS_SERVER_BIN },
  });
  process.exitCode = jest.status ?? 1;
});
