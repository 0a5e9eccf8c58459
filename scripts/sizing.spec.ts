import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** What is printed, and the figures by name. */
function sized(...args: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(__dirname, 'sizing.mjs'), ...args], {
    encoding: 'utf8',
  });
  const figure = (name: string) => Number(new RegExp(`^  ${name} +([\\d.]+)`, 'm').exec(stdout)?.[1]);
  return { stdout, stderr, status, figure };
}

describe('sizing', () => {
  it('prints every measured figure with its source, and every assumption', () => {
    const { stdout, status } = sized();
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /100000 accounts need[\s\S]*Measured[\s\S]*connectorEventUs +25\.6[\s\S]*Assumed[\s\S]*peak +3 /,
    );
    expect(stdout).toContain('the masters of a Redis Cluster');
  });

  it('follows its formulas', () => {
    const { figure } = sized(
      '--accounts',
      '6000',
      '--received-per-minute',
      '10',
      '--peak',
      '2',
      '--sent-per-minute',
      '0',
    );
    expect(figure('receivedPerSecond')).toBe(2_000);
    expect(figure('connectors')).toBe(6_000 / 2_000 + 1);
    expect(figure('workers')).toBe(Math.ceil((2_000 * 25) / 1e6 / 0.5) + 1);
    expect(figure('connectorGib')).toBeCloseTo((4 * 125 + (6_000 * 86.5) / 1024) / 1024, 1);
  });

  it('asks for more as there are more accounts and more commands', () => {
    const workers = (...args: string[]) => sized('--accounts', '20000', ...args).figure('workers');
    expect(workers('--command-share', '1')).toBeGreaterThan(workers());
    expect(sized('--accounts', '200000').figure('redisShards')).toBeGreaterThan(sized().figure('redisShards'));
  });

  it.each([
    [['--accounts', 'many'], '--accounts must be a number'],
    [['--peak', '-1'], '--peak'],
    [['--nothing', '1'], '--nothing'],
  ])('refuses %j', (args, text) => {
    const { status, stderr } = sized(...args);
    expect([status, stderr.includes(text)]).toEqual([1, true]);
  });

  it.each([1_000, 10_000, 100_000])('docs/sizing.md says the same for %d accounts, in both languages', (accounts) => {
    const { figure } = sized('--accounts', String(accounts));
    const shown = (value: number) => Math.round(value).toLocaleString('en');
    const memory = (figure('connectorGib') + figure('workerGib') + figure('redisGib')).toFixed(1);
    const row = [accounts, figure('receivedPerSecond'), figure('connectors'), figure('workers'), figure('redisShards')];
    const start = `| ${row.map(shown).join(' | ')} | ${memory} GiB | ${shown(figure('napcatGib'))} GiB`;
    const page = readFileSync(join(__dirname, '../docs/sizing.md'), 'utf8');
    expect(page.split('\n').filter((line) => line.startsWith(start))).toHaveLength(2);
  });
});
