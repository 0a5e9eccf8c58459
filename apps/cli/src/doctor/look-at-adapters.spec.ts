import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '@rookery/config';
import { lookAtAdapters } from './look-at-adapters';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-adapters-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ACCOUNTS = [
  { selfId: '10001', mode: 'forward', url: 'ws://127.0.0.1:3001', token: 'token-of-10001' },
  { selfId: '10002', mode: 'reverse', token: 'token-of-10002' },
];
const SERVER = { name: 'rookery', enable: true, host: '127.0.0.1', port: 3001, token: 'token-of-10001' };
const CLIENT = { name: 'rookery', enable: true, url: 'ws://rookery:6199/onebot/v11/ws', token: 'token-of-10002' };

function found(self: string, network: object | string) {
  const config = join(folder, 'rookery.yaml');
  writeFileSync(config, JSON.stringify({ accounts: ACCOUNTS }));
  const file = join(folder, 'napcat', self, 'config', `onebot11_${self}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof network === 'string' ? network : JSON.stringify({ network }));
  return lookAtAdapters([folder], loadConfig({ ROOKERY_CONFIG: config })).map(({ id }) => id);
}

describe('lookAtAdapters', () => {
  it.each([
    ['forward', '10001', { websocketServers: [SERVER] }],
    ['reverse', '10002', { websocketClients: [CLIENT] }],
    [
      'one that also has other entries',
      '10001',
      { websocketServers: [SERVER], httpServers: [{ name: 'http', enable: true }] },
    ],
    ['an account of somebody else', '10099', { websocketServers: [{ ...SERVER, host: '0.0.0.0', token: '' }] }],
  ])('finds nothing in healthy settings: %s', (_, self, network) => {
    expect(found(self, network)).toEqual([]);
  });

  it.each([
    ['adapter-file', '10001', 'not { json'],
    ['adapter-file', '10001', { websocketServers: 'none' }],
    ['adapter-disabled', '10001', { websocketServers: [{ ...SERVER, enable: false }] }],
    ['adapter-disabled', '10002', { websocketClients: [{ ...CLIENT, enable: false }] }],
    ['adapter-url', '10001', { websocketServers: [{ ...SERVER, port: 3002 }] }],
    ['adapter-url', '10002', { websocketClients: [{ ...CLIENT, url: 'ws://rookery:6199/ws' }] }],
    ['adapter-url', '10002', { websocketClients: [{ ...CLIENT, url: 'rookery' }] }],
    ['adapter-name', '10001', { websocketServers: [SERVER], websocketClients: [CLIENT] }],
    ['adapter-token', '10001', { websocketServers: [{ ...SERVER, token: 'another' }] }],
    ['adapter-format', '10001', { websocketServers: [{ ...SERVER, messagePostFormat: 'string' }] }],
    ['adapter-heartbeat', '10002', { websocketClients: [{ ...CLIENT, heartInterval: 0 }] }],
  ])('finds %s', (id, self, network) => {
    expect(found(self, network)).toEqual([id]);
  });

  it('finds a server that lets everyone in, besides that its token is not ours', () => {
    expect(found('10001', { websocketServers: [{ ...SERVER, host: '0.0.0.0', token: '' }] })).toEqual([
      'adapter-open',
      'adapter-token',
    ]);
  });

  it('reads JSON5, as NapCat does, and a file that is named itself', () => {
    expect(found('10001', `{ network: { websocketServers: [${JSON.stringify(SERVER)},] } } // mine`)).toEqual([]);
  });

  it('says when there is nothing to read', () => {
    expect(lookAtAdapters([join(folder, 'none')], loadConfig({}))).toMatchObject([{ id: 'adapter-missing' }]);
  });
});
