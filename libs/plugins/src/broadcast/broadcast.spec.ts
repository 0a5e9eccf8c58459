import { describe, expect, it } from '@jest/globals';
import { text } from '@rookery/plugin-kit';
import { testFleet } from '@rookery/plugin-kit/testing';
import { groupTarget, groupId } from '@rookery/protocol';
import { BroadcastPlugin } from './broadcast.plugin';

const start = (locale: 'zh' | 'en' = 'en') => testFleet({ plugins: [BroadcastPlugin], locale, superusers: ['9'] });
type Fleet = Awaited<ReturnType<typeof start>>;
const says = async (fleet: Fleet, message: string, user = '9') =>
  (await fleet.user(user).says(message)).map((said) => said.text).join('|');

async function begun(fleet: Fleet, typed = 'hello all'): Promise<string> {
  await says(fleet, `/broadcast send ${typed}`);
  await says(fleet, 'yes');
  return fleet.broadcasts[0]?.id ?? 'none';
}

describe('BroadcastPlugin', () => {
  it('begins after a yes, with what was asked for and once', async () => {
    const fleet = await start();
    expect(await says(fleet, '/broadcast send -f --pool news --spread 10m hello [CQ:at,qq=all]')).toBe(
      'Accounts of pool news will send this to all friends:\nhello [CQ:at,qq=all]\nAre you sure? (yes/no)',
    );
    expect(fleet.broadcasts).toEqual([]);
    await fleet.restart();
    expect(await says(fleet, 'yes')).toMatch(/^Broadcast \w+ has begun/);
    expect(fleet.broadcasts).toMatchObject([
      {
        pool: 'news',
        audience: 'friends',
        spreadMs: 600_000,
        message: [text('hello [CQ:at,qq=all]')],
        createdBy: 'plugin:broadcast',
      },
    ]);
  });

  it.each([
    ['no', 'All right, nothing is sent.'],
    ['cancel', 'All right, cancelled.'],
  ])('nothing is begun after %s', async (answer, said) => {
    const fleet = await start();
    await says(fleet, '/broadcast send hello');
    expect(await says(fleet, answer)).toBe(said);
    expect(fleet.broadcasts).toEqual([]);
  });

  it('nothing is begun when no answer comes, or none that is one', async () => {
    const fleet = await start();
    await says(fleet, '/broadcast send hello');
    expect((await fleet.advance('61s')).map((said) => said.text)).toEqual([
      'No answer came in time, so I stopped waiting.',
    ]);
    await says(fleet, '/broadcast send hello');
    for (const answer of ['perhaps', 'who knows', 'hm']) await says(fleet, answer);
    expect(fleet.broadcasts).toEqual([]);
    expect(fleet.questions).toBe(0);
  });

  it('people without the grant begin and see nothing', async () => {
    const fleet = await start();
    await begun(fleet);
    for (const command of ['send hello', 'list', 'show']) {
      expect(await says(fleet, `/broadcast ${command}`, '7')).toContain('the permission broadcast');
      await fleet.advance('61s');
    }
    expect(fleet.broadcasts).toHaveLength(1);
  });

  it('tells how far it is, and who was not reached and why', async () => {
    const fleet = await start();
    const id = await begun(fleet);
    fleet.broadcastProgress(fleet.broadcasts[0]!.id, {
      total: 10,
      sent: 6,
      inHand: 1,
      refused: 1,
      failures: [
        { target: groupTarget(groupId('100')), outcome: 'refused', code: 'ACTION_REFUSED', message: 'muted', at: 1 },
      ],
    });
    const figures = '6 of 10 sent, 2 wait, 1 in hand, 1 refused, 0 not sent, 0 unknown';
    expect(await says(fleet, '/broadcast show')).toBe(
      `${id} is running: ${figures}\nNot reached (the latest 1):\n100 refused: muted`,
    );
    expect(await says(fleet, `/broadcast show ${id}`)).toContain(figures);
    expect(await says(fleet, '/broadcast list')).toBe(`${id} is running: ${figures}`);
  });

  it('pauses, resumes and cancels; what has ended is told to have ended', async () => {
    const fleet = await start();
    const id = await begun(fleet);
    expect(await says(fleet, `/broadcast pause ${id}`)).toContain('is paused');
    expect(await says(fleet, `/broadcast resume ${id}`)).toContain('is running');
    expect(await says(fleet, `/broadcast cancel ${id}`)).toMatch(/cancelled/);
    expect(await says(fleet, `/broadcast resume ${id}`)).toMatch(/That did not work|cancelled/);
  });

  it.each([
    ['/broadcast send', '/broadcast send'],
    ['/broadcast send --spread soon hello', '/broadcast send'],
    ['/broadcast show nothing', 'That did not work'],
    ['/broadcast pause 0123456789abcdef', 'That did not work'],
    ['/broadcast show', 'There are no broadcasts.'],
    ['/broadcast list', 'There are no broadcasts.'],
  ])('%s is answered with %s', async (typed, said) => {
    expect(await says(await start(), typed)).toContain(said);
  });

  it('a spread that is longer than its life is refused politely', async () => {
    const fleet = await start('zh');
    await says(fleet, '/群发 --spread 7h hello');
    expect(await says(fleet, '是')).toContain('没有成功');
    expect(fleet.broadcasts).toEqual([]);
  });
});
