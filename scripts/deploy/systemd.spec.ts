import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const FOLDER = join(__dirname, '../../deploy/systemd');
const FILES = ['rookery@.service', 'rookery.target'];
const unit = readFileSync(join(FOLDER, 'rookery@.service'), 'utf8');
const settings = new Map([...unit.matchAll(/^([A-Za-z]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));

const UNITS = /^(?:[\w@.-]+\.(?:service|target)(?: |$))+$/;
const YES_NO = /^(?:yes|no)$/;
const TEXT = /\S/;
/**
 * What systemd.unit(5), systemd.exec(5), systemd.service(5) and systemd.kill(5) allow of what we use. systemd only warns about a key that it does
 * not know or a value that it cannot read, and starts the process without that protection.
 */
const GRAMMAR: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  Unit: { Description: TEXT, After: UNITS, Wants: UNITS, StartLimitIntervalSec: /^\d+$/ },
  Service: {
    Type: /^(?:simple|exec|notify)$/,
    User: /^[a-z_][a-z0-9_-]*$/,
    Group: /^[a-z_][a-z0-9_-]*$/,
    WorkingDirectory: /^\//,
    Environment: /^(?:[A-Z_]+=\S+(?: |$))+$/,
    EnvironmentFile: /^-?\//,
    ExecStart: /^\//,
    KillMode: /^(?:control-group|mixed|process|none)$/,
    KillSignal: /^SIG[A-Z]+$/,
    TimeoutStopSec: /^\d+$/,
    Restart: /^(?:no|on-failure|always)$/,
    RestartSec: /^\d+$/,
    RestartPreventExitStatus: /^\d+(?: \d+)*$/,
    LimitNOFILE: /^\d+$/,
    NoNewPrivileges: YES_NO,
    CapabilityBoundingSet: /^(?:CAP_[A-Z_]+ ?)*$/,
    AmbientCapabilities: /^(?:CAP_[A-Z_]+ ?)*$/,
    ProtectSystem: /^(?:yes|no|full|strict)$/,
    ProtectHome: /^(?:yes|no|read-only|tmpfs)$/,
    PrivateTmp: YES_NO,
    PrivateDevices: YES_NO,
    ProtectClock: YES_NO,
    ProtectControlGroups: YES_NO,
    ProtectHostname: YES_NO,
    ProtectKernelLogs: YES_NO,
    ProtectKernelModules: YES_NO,
    ProtectKernelTunables: YES_NO,
    ProtectProc: /^(?:noaccess|invisible|ptraceable|default)$/,
    ProcSubset: /^(?:all|pid)$/,
    RestrictAddressFamilies: /^(?:AF_[A-Z0-9]+ ?)+$/,
    RestrictNamespaces: YES_NO,
    RestrictRealtime: YES_NO,
    RestrictSUIDSGID: YES_NO,
    LockPersonality: YES_NO,
    RemoveIPC: YES_NO,
    UMask: /^0[0-7]{3}$/,
    SystemCallArchitectures: /^native$/,
    SystemCallFilter: /^~?@[a-z-]+$/,
    SystemCallErrorNumber: /^E[A-Z]+$/,
    StateDirectory: /^[\w-]+$/,
    StateDirectoryMode: /^0[0-7]{3}$/,
  },
  Install: { WantedBy: UNITS },
};

/** The lines that systemd would pass over, with their section. */
function unreadable(text: string): string[] {
  let section = '';
  return text.split('\n').flatMap((line) => {
    if (line === '' || line.startsWith('#')) return [];
    const header = /^\[(\w+)\]$/.exec(line)?.[1];
    if (header !== undefined) section = header;
    if (header !== undefined) return header in GRAMMAR ? [] : [line];
    const [, key = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    return GRAMMAR[section]?.[key]?.test(value) === true ? [] : [`${section}: ${line}`];
  });
}

describe('the units', () => {
  it('hold no line that systemd would pass over', () => {
    expect(unreadable('[Service]\nProtecHome=yes\nPrivateTmp=maybe\nUser=x\n[Servise]\nUser=x')).toEqual([
      'Service: ProtecHome=yes',
      'Service: PrivateTmp=maybe',
      '[Servise]',
      'Servise: User=x',
    ]);
    for (const file of FILES) expect(unreadable(readFileSync(join(FOLDER, file), 'utf8'))).toEqual([]);
  });

  it('are accepted by systemd-analyze, where there is one', () => {
    const paths = FILES.map((file) => join(FOLDER, file));
    const { error, status, stderr } = spawnSync('systemd-analyze', ['verify', ...paths], { encoding: 'utf8' });
    if (error !== undefined) console.warn(`NOT TESTED: no systemd-analyze on this machine (${error.message})`);
    const complaints = error === undefined ? stderr.split('\n').filter((line) => line.includes('rookery')) : [];
    expect([error === undefined ? status : 0, complaints]).toEqual([0, []]);
  });
});

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
