import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

describe('the generated files', () => {
  it('are current with the fact tables', () => {
    const script = join(__dirname, '../../../../scripts/generate-protocol.mjs');
    expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
  });
});
