import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailure } from '../failure';

/** A package comes with its declarations; a clone writes them once somebody needs them. Takes some five seconds. */
export async function makeTypes(root: string): Promise<void> {
  const script = join(root, 'scripts/types.mjs');
  if (existsSync(join(root, 'types')) || !existsSync(script)) return;
  await new Promise<void>((resolve, reject) => {
    execFile(process.execPath, [script], { cwd: root }, (error, stdout, stderr) => {
      if (error)
        reject(new CommandFailure(`the declarations of the plugin kit could not be written: ${stdout}${stderr}`));
      else resolve();
    });
  });
}
