import { describe, expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import { ACCOUNT_STATES, DEFAULT_POOL, nodeId, selfId } from '@rookery/protocol';
import type { AccountView, NodeView } from '@rookery/service';
import { accountDetails, accountTable, nodeTable } from './show';

const plain = picocolors.createColors(false);
const NOW = 1_000_000;
const account: AccountView = {
  self: selfId('10001'),
  pool: DEFAULT_POOL,
  mode: 'forward',
  url: 'ws://127.0.0.1:3001',
  source: 'file',
  wanted: 'started',
  version: 1,
  state: 'online',
  reason: 'connected',
  since: NOW - 120_000,
  node: nodeId('connector-1'),
};

describe('accountTable', () => {
  it('shows each account in a line', () => {
    const lines = accountTable([account, { ...account, self: selfId('9'), wanted: 'stopped' }], NOW, plain).split('\n');
    expect(lines[0]).toMatch(/^ACCOUNT +POOL +MODE +STATE +SINCE +NODE +REASON$/);
    expect(lines[1]).toMatch(/^10001 +default +forward +online +2 min +connector-1 +connected$/);
    expect(lines[2]).toMatch(/^9 .* online → stopped /);
    expect(lines[3]).toContain('2 of 2 online');
  });

  it('says what to do when there is none', () => {
    expect(accountTable([], NOW, plain)).toMatch(/rookery accounts add[\s\S]*集群/);
  });

  it('lets no text of a NapCat move the cursor', () => {
    const reason = 'a\u001B[2J\nb\u202Ec';
    expect(accountTable([{ ...account, reason }], NOW, plain)).toContain('a [2J b c');
  });

  it.each(ACCOUNT_STATES)('has a colour for %s', (state) => {
    expect(accountTable([{ ...account, state }], NOW, picocolors.createColors(true))).toContain('\u001B[');
  });
});

describe('accountDetails', () => {
  it('leaves out what is not known', () => {
    const { node: _, since: __, url: ___, ...unknown } = account;
    expect(accountDetails(unknown, NOW, plain)).not.toMatch(/undefined|node|since|url/);
    const implementation = { name: 'napcat', version: '4.18.19' } as const;
    expect(accountDetails({ ...account, implementation }, NOW, plain)).toMatch(/software +napcat 4\.18\.19/);
    expect(accountDetails(account, NOW, plain)).toMatch(/node +connector-1[\s\S]*defined +in rookery\.yaml/);
  });
});

describe('nodeTable', () => {
  it('shows who answers and who does not', () => {
    const node: NodeView = {
      silent: false,
      node: nodeId('worker-1'),
      app: 'worker',
      version: '1.2.3',
      pid: 77,
      host: 'box',
      startedAt: NOW - 3_600_000,
      accounts: 0,
      ready: false,
      problems: ['consume: not started'],
      logLevel: 'info',
    };
    const lines = nodeTable([node, { silent: true, node: nodeId('worker-2') }], NOW, plain).split('\n');
    expect(lines[1]).toMatch(/^worker-1 +not ready +1 h +- +box:77 +1\.2\.3 +consume: not started$/);
    expect(lines[2]).toMatch(/^worker-2 +silent/);
    expect(nodeTable([], NOW, plain)).toContain('No node');
  });
});
