import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FINDINGS } from './finding';

describe('FINDINGS', () => {
  it.each(['doctor.md', 'doctor.zh-CN.md'])('are all explained in docs/%s', (page) => {
    const text = readFileSync(join(__dirname, '../../../../docs', page), 'utf8');
    expect(FINDINGS.filter((id) => !text.includes(`\`${id}\``))).toEqual([]);
  });
});
