import { inflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { MessageContext } from '@rookery/plugin-kit';
import { testFleet } from '@rookery/plugin-kit/testing';
import { rankingPicture } from './ranking-picture';
import { StatsPlugin } from './stats.plugin';

const start = () => testFleet({ plugins: [StatsPlugin], locale: 'en', superusers: ['9'] });
type Fleet = Awaited<ReturnType<typeof start>>;
const says = async (user: ReturnType<Fleet['user']>, message: string) =>
  (await user.says(message)).map(({ text }) => text).join('|');

async function counting(): Promise<Fleet> {
  const fleet = await start();
  expect(await says(fleet.user('7').in('100', 'admin'), '/stats on')).toBe('Messages are counted here from now on.');
  return fleet;
}

async function talk(fleet: Fleet, user: string, times: number, group = '100'): Promise<void> {
  for (let n = 0; n < times; n++) await fleet.user(user).in(group).says(`word ${n}`);
}

describe('StatsPlugin', () => {
  it('ranks who spoke, with names and a picture, once however many accounts hear', async () => {
    const fleet = await testFleet({ plugins: [StatsPlugin], accounts: ['10001', '10002'], locale: 'en' });
    await fleet.user('7').in('100', 'owner').says('/stats on');
    const data = [{ group_id: 100, user_id: 8, nickname: 'lin', card: '林' }];
    fleet.decide(({ name }) => (name === 'get_group_member_list' ? { data } : undefined));
    await talk(fleet, '8', 3);
    await talk(fleet, '6', 1);
    const [said] = await fleet.user('8').in('100').says('/stats');
    expect(said?.text).toMatch(/^Today \(\d{4}-\d\d-\d\d\), 4 messages in this group:\n1\. 林: 3\n2\. 6: 1/);
    const picture = String(said?.segments.find(({ type }) => type === 'image')?.data['file']);
    expect(picture).toMatch(/^base64:\/\/iVBORw0KGgo/);
  });

  it('numbers stand for names that cannot be had', async () => {
    const fleet = await counting();
    fleet.decide(({ name }) => (name === 'get_group_member_list' ? { outcome: 'refused' } : undefined));
    await talk(fleet, '8', 2);
    expect(await says(fleet.user('7').in('100'), '/stats')).toContain('1. 8: 2');
  });

  it('counts only where it was switched on, in that group alone, and no more when it was switched off', async () => {
    const fleet = await counting();
    await talk(fleet, '8', 2);
    await talk(fleet, '8', 5, '200');
    expect(await says(fleet.user('8').in('200'), '/stats')).toContain('are not counted here');
    expect(await says(fleet.user('8').in('100'), '/stats off')).toContain('Only the owner and admins');
    expect(await says(fleet.user('7').in('100', 'admin'), '/stats off')).toContain('counted no more');
    await talk(fleet, '8', 9);
    expect(await says(fleet.user('8').in('100'), '/stats')).toContain('1. 8: 3');
    expect(fleet.runs.filter(({ handler }) => handler === 'count')).toHaveLength(4);
  });

  it('a private chat is no group, also where counting is on for all', async () => {
    const fleet = await counting();
    expect(await says(fleet.user('9'), '/stats on')).toBe('');
    expect(await says(fleet.user('9'), '/stats')).toBe('');
  });

  it('a day ends at midnight in the zone of the configuration, and yesterday can be asked for', async () => {
    const fleet = await counting();
    await talk(fleet, '8', 2);
    await fleet.advance('1d');
    expect(await says(fleet.user('7').in('100'), '/stats')).toMatch(/^Today[^]*no messages were counted/);
    await talk(fleet, '6', 1);
    expect(await says(fleet.user('7').in('100'), '/stats yesterday')).toMatch(/^Yesterday[^]*1\. 8: 2$/);
    await fleet.advance('6s');
    const days = (await says(fleet.user('7').in('100'), '/stats days')).split('\n');
    expect(days[0]).toBe('Messages per day in this group:');
    expect(days.slice(1).map((line) => line.replace(/^.*: /, ''))).toEqual(['2', '3']);
    await fleet.advance('2d');
    expect(await says(fleet.user('6').in('100'), '/stats yesterday')).toMatch(/no messages were counted/);
  });

  it('shows as many places as an admin wants, and the others as one', async () => {
    const fleet = await testFleet({ plugins: [StatsPlugin], locale: 'zh', config: { stats: { shown: 2 } } });
    await fleet.user('7').in('100', 'owner').says('/stats on');
    for (const [user, times] of [
      ['21', 3],
      ['22', 2],
      ['23', 1],
      ['24', 1],
    ] as const)
      await talk(fleet, user, times);
    expect(await says(fleet.user('21').in('100'), '/发言统计')).toMatch(
      /发言 7 条：\n1\. 21 3 条\n2\. 22 2 条\n其他人 2 条/,
    );
  });

  it('more people than there is room for are counted together', async () => {
    const fleet = await counting();
    for (let user = 1_000; user < 1_460; user++) await talk(fleet, String(user), 1);
    const said = await says(fleet.user('1000').in('100'), '/stats');
    expect(said).toContain('460 messages');
    expect(said).toContain('1. 1000: 1');
    expect(said).toMatch(/Others: 450$/);
  });

  it('what was counted is stored within seconds and outlives the worker', async () => {
    const fleet = await counting();
    await talk(fleet, '8', 4);
    await fleet.advance('6s');
    await fleet.restart();
    expect(await says(fleet.user('8').in('100'), '/stats')).toContain('1. 8: 4');
  });

  describe('the ranking of groups', () => {
    const groups = [
      { group_id: 100, group_name: 'Tea', group_remark: '', member_count: 3, max_member_count: 200, group_all_shut: 0 },
    ];

    it('names the groups of the pool by what was said there, with a picture, also across a change of workers', async () => {
      const fleet = await counting();
      await fleet.user('7').in('200', 'admin').says('/stats on');
      fleet.decide(({ name }) => (name === 'get_group_list' ? { data: groups } : undefined));
      await talk(fleet, '8', 2);
      await talk(fleet, '8', 4, '200');
      await talk(fleet, '8', 9, '300');
      await fleet.advance('6s');
      await fleet.restart();
      const [said] = await fleet.user('9').says('/stats groups');
      expect(said?.text).toMatch(/^Today \(\d{4}-\d\d-\d\d\), 6 messages in 2 groups:\n1\. 200: 4\n2\. Tea: 2/);
      expect(String(said?.segments.find(({ type }) => type === 'image')?.data['file'])).toMatch(
        /^base64:\/\/iVBORw0KGgo/,
      );
    });

    it('is of one day, and yesterday can be asked for', async () => {
      const fleet = await counting();
      await talk(fleet, '8', 2);
      await fleet.advance('1d');
      expect(await says(fleet.user('9').in('500'), '/stats groups')).toMatch(/^Today[^]*no messages were counted/);
      expect(await says(fleet.user('9'), '/stats groups yesterday')).toMatch(/^Yesterday[^]*1\. 100: 2/);
      await fleet.advance('3d');
      expect(await says(fleet.user('9'), '/stats groups')).toContain('counted in no group lately');
    });

    it('shows as many groups as are wanted, and the others as one', async () => {
      const fleet = await testFleet({ plugins: [StatsPlugin], superusers: ['9'], config: { stats: { shown: 1 } } });
      for (const group of ['100', '200', '300']) {
        await fleet.user('7').in(group, 'owner').says('/stats on');
        await talk(fleet, '8', Number(group) / 100, group);
      }
      expect(await says(fleet.user('9'), '/群发言排行')).toMatch(/3 个群共发言 6 条：\n1\. 300 3 条\n其他群 3 条/);
    });

    it('is nobody’s business but the operators’', async () => {
      const fleet = await counting();
      await talk(fleet, '8', 2);
      expect(await says(fleet.user('7').in('100', 'owner'), '/stats groups')).not.toContain('100: ');
    });

    it('leaves a group out, says so and counts on, when there is no room for its name', async () => {
      const counted: string[] = [];
      const warned: unknown[] = [];
      const refused = () => Promise.reject(new Error('at most 1000 names'));
      const context = {
        event: {
          type: 'message',
          conversation: 'group:default:100',
          scene: { kind: 'group', groupId: '100' },
          sender: { userId: '8' },
        },
        now: 0,
        config: () => ({ timeZone: 'Asia/Shanghai' }),
        storage: { conversation: { tally: async (name: string) => void counted.push(name) }, pool: { set: refused } },
        log: { warn: (fields: object) => void warned.push(fields) },
      };
      await new StatsPlugin().count(context as unknown as MessageContext);
      expect(counted).toEqual(['1970-01-01|8', 'sum|1970-01-01']);
      expect(warned).toEqual([{ group: '100', error: expect.stringContaining('1000 names') }]);
    });
  });

  it('a time zone that is none does not load', async () => {
    const config = { stats: { timeZone: 'Mars/Base' } };
    await expect(testFleet({ plugins: [StatsPlugin], config })).rejects.toThrow('time zone');
  });
});

describe('rankingPicture', () => {
  it.each([[[]], [[0]], [[1]], [[100_000, 5, 1]], [Array.from({ length: 20 }, (_, n) => 20 - n)]])(
    'of %p is a PNG whose points fill its size',
    (counts) => {
      const png = rankingPicture(counts);
      expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
      const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
      const at = png.indexOf('IDAT');
      const lines = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
      expect(lines).toHaveLength((width + 1) * height);
      expect(png.subarray(-8, -4).toString('latin1')).toBe('IEND');
    },
  );

  it('who spoke twice as much has a bar twice as long', () => {
    const png = rankingPicture([100, 50]);
    const width = png.readUInt32BE(16);
    const at = png.indexOf('IDAT');
    const lines = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
    const length = (row: number, colour: number) => {
      const line = lines.subarray((width + 1) * row + 1, (width + 1) * (row + 1));
      return line.filter((point) => point === colour).length;
    };
    expect([length(16 + 9, 2), length(16 + 40 + 9, 3)]).toEqual([440, 220]);
  });
});
