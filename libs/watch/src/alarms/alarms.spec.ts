import { beforeEach, describe, expect, it } from '@jest/globals';
import { SECOND } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { account, picture } from '../spec-picture';
import { Alarms, type Notice, type Standing } from './alarms';
import { findingsOf } from './findings';

let clock: FakeClock;
let notices: Notice[];
let failing: boolean;
let stored: ReadonlyMap<string, Standing>;

const make = () =>
  new Alarms({
    clock,
    memory: { load: async () => stored, save: async (standings) => void (stored = new Map(standings)) },
    channels: [
      {
        name: 'webhook',
        tell: async (notice) => {
          if (failing) throw new Error('no route');
          notices.push(notice);
        },
      },
    ],
    afterSeconds: 60,
    quietMinutes: 60,
  });

const well = picture({ accounts: [account('1', 'online'), account('2', 'online')] });
const ill = picture({ accounts: [account('1', 'offline'), account('2', 'online')] });
const told = () => notices.map(({ raised, cleared }) => [raised.map(({ id }) => id), cleared.map(({ id }) => id)]);

beforeEach(() => {
  clock = new FakeClock();
  notices = [];
  failing = false;
  stored = new Map();
});

async function looks(sut: Alarms, what: typeof well, seconds: number): Promise<void> {
  for (let at = 0; at < seconds; at += 10) {
    clock.advance(10 * SECOND);
    await sut.see(what);
  }
}

describe('Alarms', () => {
  it('tell what lasts, once, and when it is well again', async () => {
    const sut = make();
    await looks(sut, ill, 600);
    await looks(sut, well, 60);
    expect(told()).toEqual([
      [['account-1'], []],
      [[], ['account-1']],
    ]);
  });

  it('say nothing of what passes within the time', async () => {
    const sut = make();
    await looks(sut, ill, 50);
    await looks(sut, well, 60);
    await looks(sut, ill, 50);
    expect(told()).toEqual([]);
  });

  it('remind after the quiet time, not before', async () => {
    const sut = make();
    await looks(sut, ill, 3_500);
    expect(told()).toHaveLength(1);
    await looks(sut, ill, 300);
    expect(told()).toHaveLength(2);
  });

  it('do not tell again and again of an account that comes and goes', async () => {
    const sut = make();
    for (let n = 0; n < 10; n++) {
      await looks(sut, ill, 90);
      await looks(sut, well, 90);
    }
    expect(notices.filter(({ raised }) => raised.length > 0)).toHaveLength(1);
  });

  it('are not told anew by the node that takes over', async () => {
    await looks(make(), ill, 120);
    await looks(make(), ill, 120);
    expect(told()).toHaveLength(1);
  });

  it('are told later when nobody could be told now', async () => {
    const sut = make();
    const troubles: string[] = [];
    sut.on('trouble', (channel, error) => void troubles.push(`${channel}: ${error.message}`));
    failing = true;
    await looks(sut, ill, 100);
    expect(troubles[0]).toBe('webhook: no route');
    failing = false;
    await looks(sut, ill, 10);
    expect(told()).toEqual([[['account-1'], []]]);
  });
});

describe('findingsOf', () => {
  it('is empty while all is well', () => expect(findingsOf(well)).toEqual([]));

  it.each(['offline', 'failed', 'deaf', 'connecting'] as const)('finds an account that is %s', (state) => {
    expect(findingsOf(picture({ accounts: [account('1', state)] })).map(({ id }) => id)).toEqual(['account-1']);
  });

  it.each([
    ['online', account('1', 'online')],
    ['paused by the operator', account('1', 'paused', { wanted: 'paused' })],
    ['stopped by the operator', account('1', 'stopped', { wanted: 'stopped', isOwned: false })],
  ])('finds nothing wrong with an account that is %s', (_name, one) => {
    expect(findingsOf(picture({ accounts: [one] }))).toEqual([]);
  });

  it('makes one finding of an outage of many', () => {
    const accounts = Array.from({ length: 10 }, (_, n) => account(String(n + 1), n < 5 ? 'offline' : 'online'));
    expect(findingsOf(picture({ accounts })).map(({ id }) => id)).toEqual(['many-accounts']);
  });

  it.each([
    ['no-connector', picture({ nodes: { connector: 0, worker: 1, console: 1 } })],
    ['no-worker', picture({ nodes: { connector: 1, worker: 0, console: 1 }, partitionsUnowned: 4 })],
    ['partitions', picture({ partitionsUnowned: 4 })],
    ['inbound', picture({ queues: { ...well.queues, inboundOldestSeconds: 61 } })],
    ['redis-memory', picture({ redis: { ...well.redis, memoryBytes: 81, memoryLimitBytes: 100 } })],
    ['redis-disk', picture({ redis: { ...well.redis, persistenceOk: false } })],
  ])('finds %s', (id, seen) => expect(findingsOf(seen).map((finding) => finding.id)).toEqual([id]));
});
