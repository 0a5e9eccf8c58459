import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  at,
  AskEnded,
  BotPlugin,
  Command,
  Every,
  int,
  intBetween,
  On,
  texts,
  type MessageContext,
  type NoticeContext,
  type RequestContext,
  type ScheduleContext,
} from '@rookery/plugin-kit';
import { testFleet, type Said } from '@rookery/plugin-kit/testing';

const summary = { zh: '测试', en: 'Test' };
const SAY = texts({ rolled: { zh: '掷出 {n}', en: 'Rolled {n}' } });
const outside = jest.fn(() => 'weather');
afterEach(() => void outside.mockClear());

@BotPlugin({ id: 'dice', needs: ['set_friend_add_request'] })
class Dice {
  @Command('roll', { summary })
  async roll(c: MessageContext) {
    const rolls = await c.storage.user.increment('rolls');
    const sides = c.args === '' ? await c.ask('How many sides?', { parse: int, within: '60s' }) : Number(c.args);
    await c.reply(`${c.text(SAY.rolled, { n: c.random.int(1, sides) })} (#${rolls})`);
  }

  @Command('form', { summary })
  async form(c: MessageContext) {
    const weather = await c.once('weather', outside);
    void c.reply('first');
    const [name, age] = [await c.ask('Name?'), await c.ask('Age?', { parse: intBetween(1, 150), retries: 1 })];
    return `${name}, ${age}, ${weather}, ${c.now}`;
  }

  @Command('careful', { summary })
  async careful(c: MessageContext) {
    try {
      await c.ask('Sure?');
    } catch (error) {
      if (error instanceof AskEnded) return `ended: ${error.reason}`;
      throw error;
    }
    return 'sure';
  }

  @Command('crash', { summary })
  async crash(c: MessageContext) {
    await c.ask('Ready?');
    throw new Error('boom');
  }

  @Command('ping', { summary })
  ping() {
    return 'pong';
  }

  @On('notice.group_increase')
  welcome(c: NoticeContext<'group_increase'>) {
    return [at(String(c.event.userId)), ' welcome'];
  }

  @On('request.friend')
  async friend(c: RequestContext<'friend'>) {
    await c.approve('new');
  }
}

const texted = (said: readonly Said[]): string[] => said.map(({ text }) => text);

describe('a fleet in memory', () => {
  it('answers commands, welcomes and approves', async () => {
    const fleet = await testFleet({ plugins: [Dice], locale: 'en' });
    expect(texted(await fleet.user('7').in('100').says('/roll 1'))).toEqual(['Rolled 1 (#1)']);
    expect(texted(await fleet.user('7').says('/roll 1'))).toEqual(['Rolled 1 (#2)']);
    expect(texted(await fleet.user('7').says('good morning'))).toEqual([]);
    expect(texted(await fleet.notice('group_increase', '100', '9'))).toEqual([' welcome']);
    await fleet.request('friend', '9');
    expect(fleet.actions.at(-1)).toMatchObject({
      name: 'set_friend_add_request',
      params: { flag: 'flag-9', approve: true, remark: 'new' },
    });
  });

  it('lets one of several accounts answer, and another when that one is gone', async () => {
    const fleet = await testFleet({ plugins: [Dice], accounts: ['10001', '10002'] });
    const lin = fleet.user('7').in('100');
    const [first] = await lin.says('/ping');
    await fleet.goOffline(String(first?.self));
    const [second, ...more] = await lin.says('/ping');
    expect([first?.self, second?.self, more]).toEqual(['10001', '10002', []]);
  });

  it('has the time of a schedule come, and names those that there are', async () => {
    @BotPlugin({ id: 'news' })
    class News {
      @Every('0 9 * * *', { tz: 'Asia/Shanghai', sender: 'pool:default' })
      async morning(c: ScheduleContext) {
        await c.send({ group: '100' }, 'good morning');
      }
    }
    const fleet = await testFleet({ plugins: [News], accounts: ['10001', '10002'] });
    await fleet.user('7').in('100').says('hi');
    expect(texted(await fleet.tick('news.morning'))).toEqual(['good morning']);
    expect(texted(await fleet.tick('news.morning'))).toEqual(['good morning']);
    await expect(fleet.tick('news.noon')).rejects.toThrow('no schedule "news.noon"; there are: news.morning');
  });

  it('rejects when a handler fails', async () => {
    const fleet = await testFleet({ plugins: [Dice] });
    await fleet.user('7').says('/crash');
    await expect(fleet.user('7').says('yes')).rejects.toThrow('boom');
    expect(fleet.questions).toBe(0);
  });
});

describe('ask', () => {
  it('takes the next message of the same person in the same conversation, while others go on', async () => {
    const fleet = await testFleet({ plugins: [Dice], locale: 'en' });
    const lin = fleet.user('7').in('100');
    expect(texted(await lin.says('/roll'))).toEqual(['How many sides?']);
    expect(texted(await fleet.user('8').in('100').says('/ping'))).toEqual(['pong']);
    expect(texted(await fleet.user('8').in('100').says('3'))).toEqual([]);
    expect(texted(await lin.says('1'))).toEqual(['Rolled 1 (#1)']);
    expect(texted(await lin.says('1'))).toEqual([]);
  });

  it('goes on at another worker, does nothing twice and calls nothing outside again', async () => {
    const fleet = await testFleet({ plugins: [Dice] });
    const lin = fleet.user('7').in('100');
    expect(texted(await lin.says('/form'))).toEqual(['first', 'Name?']);
    await fleet.restart();
    expect(texted(await lin.says('Lin'))).toEqual(['Age?']);
    await fleet.restart();
    const now = fleet.clock.now();
    expect(texted(await lin.says('30'))).toEqual([`Lin, 30, weather, ${now}`]);
    expect([outside.mock.calls.length, fleet.said.length, fleet.questions]).toEqual([1, 4, 0]);
  });

  it('asks again when an answer does not fit, and gives up politely', async () => {
    const fleet = await testFleet({ plugins: [Dice] });
    const lin = fleet.user('7').in('100');
    await lin.says('/form');
    await lin.says('Lin');
    expect(texted(await lin.says('old'))).toEqual(['请回答 1 到 150 之间的整数。（发送“取消”可结束）']);
    expect(texted(await lin.says('999'))).toEqual(['还是没看懂，先到这里吧；需要时请重新发送命令。']);
    expect(fleet.questions).toBe(0);
  });

  it('lets a command that does not fit be a command, and waits on', async () => {
    const fleet = await testFleet({ plugins: [Dice], locale: 'en' });
    const lin = fleet.user('7').in('100');
    await lin.says('/roll');
    expect(texted(await lin.says('/ping'))).toEqual(['pong']);
    expect(texted(await lin.says('1'))).toEqual(['Rolled 1 (#1)']);
  });

  it.each(['取消', 'Cancel'])('ends when the person says %s', async (word) => {
    const fleet = await testFleet({ plugins: [Dice] });
    await fleet.user('7').says('/roll');
    expect(texted(await fleet.user('7').says(word))).toEqual(['好的，已取消。']);
    expect(fleet.questions).toBe(0);
  });

  it('ends when no answer comes in time, also across a change of workers', async () => {
    const fleet = await testFleet({ plugins: [Dice] });
    await fleet.user('7').says('/roll');
    expect(texted(await fleet.advance('59s'))).toEqual([]);
    await fleet.restart();
    expect(texted(await fleet.advance('10s'))).toEqual(['没有等到回答，已结束。']);
    expect(texted(await fleet.user('7').says('6'))).toEqual([]);
  });

  it('tells a handler that wants to know how it ended', async () => {
    const fleet = await testFleet({ plugins: [Dice] });
    await fleet.user('7').says('/careful');
    expect(texted(await fleet.advance('61s'))).toEqual(['没有等到回答，已结束。', 'ended: timeout']);
  });

  it('says so when the plugin was changed while it waited', async () => {
    @BotPlugin({ id: 'dice', needs: ['set_friend_add_request'] })
    class Changed {
      @Command('roll', { summary })
      async roll(c: MessageContext) {
        await c.reply('new code');
        return 'done';
      }
    }
    const fleet = await testFleet({ plugins: [Dice], locale: 'en' });
    await fleet.user('7').says('/roll');
    await fleet.restart([Changed]);
    expect(texted(await fleet.user('7').says('6'))).toEqual([
      'The plugin was just updated and cannot go on from here; please start again.',
    ]);
    expect(texted(await fleet.user('7').says('6'))).toEqual([]);
  });

  it('leaves the message to others when the plugin that asked is gone', async () => {
    @BotPlugin({ id: 'other' })
    class Other {
      @On('message')
      hear(c: MessageContext) {
        return `heard ${c.args}`;
      }
    }
    const fleet = await testFleet({ plugins: [Dice] });
    await fleet.user('7').says('/roll');
    await fleet.restart([Other]);
    expect(texted(await fleet.user('7').says('6'))).toEqual(['heard 6']);
    expect(fleet.questions).toBe(0);
  });
});
