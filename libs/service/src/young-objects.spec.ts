import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { makeObjectsYoung } from './young-objects';

describe('where objects begin', () => {
  it('is a setting that V8 knows', () => {
    const flags: string[] = [];
    makeObjectsYoung((flag) => flags.push(flag));
    // Of one that it does not know V8 speaks past Node, to the error output of the process.
    const asked = flags.map((flag) => `require('node:v8').setFlagsFromString('${flag}')`).join(';');
    expect(spawnSync(process.execPath, ['-e', asked], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    expect(flags).toHaveLength(1);
  });
});
