import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { loadConfig } from '@rookery/config';
import { nextSteps } from './next-steps';
import { groupsFor, reverseUrl, simulatorArguments } from './simulated-fleet';

const config = loadConfig({ ROOKERY_CONFIG: join(__dirname, '../../../../rookery.example.yaml') });
const addresses = { connector: 'http://c', worker: 'http://w', console: 'http://o' };

describe('nextSteps', () => {
  it('names the file, both ways to connect a NapCat, and every address', () => {
    const text = nextSteps({ config, addresses, fleet: { accounts: 3, rate: 2 } }).join('\n');
    for (const part of [
      'rookery.example.yaml',
      'websocketClients',
      'ws://127.0.0.1:6199/onebot/v11/ws',
      'websocketServers',
      'http://c/healthz',
      'http://w/healthz',
      'http://o/healthz',
      '3 simulated accounts in 2 groups',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('speaks of the configured accounts where there are some', () => {
    const { file: _, ...rest } = config;
    const text = nextSteps({ config: rest, addresses }).join('\n');
    expect(text).toContain('0 accounts are configured');
    expect(text).toContain('copy rookery.example.yaml');
  });
});

describe('reverseUrl', () => {
  it.each([
    ['127.0.0.1', 'ws://127.0.0.1:6199/onebot/v11/ws'],
    ['0.0.0.0', 'ws://127.0.0.1:6199/onebot/v11/ws'],
    ['::', 'ws://127.0.0.1:6199/onebot/v11/ws'],
    ['::1', 'ws://[::1]:6199/onebot/v11/ws'],
    ['bot.lan', 'ws://bot.lan:6199/onebot/v11/ws'],
  ])('for the host %s is %s', (host, url) => {
    expect(reverseUrl({ ...config, reverse: { ...config.reverse, host } })).toBe(url);
  });
});

describe('simulated fleet', () => {
  it.each([
    [1, 2],
    [10, 2],
    [50, 10],
    [5000, 1000],
  ])('%i accounts share %i groups', (accounts, groups) => {
    expect(groupsFor(accounts)).toBe(groups);
  });

  it('does not dial in where the port is not known beforehand', () => {
    const [, json = ''] = simulatorArguments(
      { ...config, reverse: { ...config.reverse, port: 0 } },
      { accounts: 1, rate: 0 },
    );
    expect(JSON.parse(json)).not.toHaveProperty('reverseUrl');
  });
});
