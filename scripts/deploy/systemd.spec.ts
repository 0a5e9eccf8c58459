import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const unit = readFileSync(join(__dirname, '../../deploy/systemd/rookery@.service'), 'utf8');
const settings = new Map([...unit.matchAll(/^([A-Za-z]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));

describe('rookery@.service', () => {
  it('asks first, and kills only after longer than a process needs', () => {
    expect(Object.fromEntries(settings)).toMatchObject({ KillMode: 'mixed', KillSignal: 'SIGTERM', Restart: 'always' });
    expect(Number(settings.get('TimeoutStopSec'))).toBeGreaterThan(12);
  });

  it('is started again whatever ended it, except that its settings are wrong', () => {
    expect(Object.fromEntries(settings)).toMatchObject({ Restart: 'always', RestartPreventExitStatus: '78' });
  });

  it('runs as a user of its own with nothing that it does not need', () => {
    const hardened = {
      User: 'rookery',
      NoNewPrivileges: 'yes',
      CapabilityBoundingSet: '',
      ProtectSystem: 'strict',
      ProtectHome: 'yes',
      PrivateTmp: 'yes',
      UMask: '0077',
      // Another answer than SIGSYS: Node asks for more open files at its start, and does without.
      SystemCallErrorNumber: 'EPERM',
    };
    expect(Object.fromEntries(settings)).toMatchObject(hardened);
    expect(unit).not.toMatch(/^Environment=.*(?:TOKEN|KEY|REDIS_URL)/m);
  });

  it.each([
    ['connector', 'connector'],
    ['worker-12', 'worker'],
  ])('starts %s', (instance, role) => {
    const script = /^ExecStart=\/bin\/sh -c '(.*)'$/m.exec(unit)?.[1] ?? '';
    // As systemd expands it: %i is the instance, %% and $$ stand for themselves.
    const expanded = script.replaceAll(/%%|%i|\$\$/g, (mark) => ({ '%%': '%', '%i': instance, $$: '$' })[mark] ?? mark);
    const said = execFileSync('/bin/sh', ['-c', expanded.replace('exec /usr/bin/node', 'echo')], { encoding: 'utf8' });
    expect(said.trim()).toBe(`--enable-source-maps /opt/rookery/dist/apps/${role}/src/main.js`);
  });
});
