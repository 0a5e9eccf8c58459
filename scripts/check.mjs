// `npm run check`: every check that needs no running program. `--json FILE` writes the numbers for other programs.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { main, preparePackages, root } from './bootstrap.mjs';

const STEPS = ['format:check', 'typecheck', 'lint', 'arch', 'deadcode'];
const MENDS = { 'format:check': 'npm run format' };

await main(async (args) => {
  await preparePackages();
  const failed = STEPS.filter((name) => !passes(name));
  const passed = STEPS.length - failed.length;
  const json = args.indexOf('--json');
  if (json !== -1) writeFileSync(args[json + 1], JSON.stringify({ passed, failed: failed.length }));
  console.log(failed.length === 0 ? `all ${passed} checks passed` : `${failed.length} failed: ${failed.join(', ')}`);
  if (failed.length > 0) process.exitCode = 1;
});

function passes(name) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', name], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  });
  const ok = status === 0;
  console.log(`${ok ? '✓' : '✗'} ${name.padEnd(12)} ${((performance.now() - started) / 1000).toFixed(1)} s`);
  if (!ok) {
    console.log(`${stdout ?? ''}${stderr ?? ''}`.trimEnd());
    if (MENDS[name]) console.log(`mend it with \`${MENDS[name]}\``);
  }
  return ok;
}
