import { describe, expect, it } from '@jest/globals';
import type { EventContext, MessageContext } from './context';
import { Arg, BotPlugin, Command, Ctx, Every, Found, Keyword, Middleware, On, Option, Regex, Use } from './decorators';
import { InGroup } from './guard';
import { invokeHandler } from './invoke-handler';
import { manifestOf } from './manifest';

const summary = { zh: '测试', en: 'Test' };
const context = { args: 'typed' } as unknown as MessageContext;

@BotPlugin({ id: 'sample' })
class Sample {
  readonly log: string[] = [];

  @Command('a <x:int> --y', { summary })
  decorated(@Arg('x') x: number, @Option('y') y: boolean, @Ctx() c: MessageContext) {
    return `${x} ${y} ${c.args}`;
  }

  @Command('b <x:int>', { summary })
  plain(c: MessageContext, { x }: { x: number }) {
    return `${c.args} ${x}`;
  }

  @Keyword('k')
  found(@Found() [word]: readonly [string, ...unknown[]]) {
    return word;
  }

  @Middleware()
  async outer(_c: EventContext, next: () => Promise<unknown>) {
    this.log.push('in');
    const value = await next();
    this.log.push('out');
    return value;
  }

  @Middleware()
  inner(c: EventContext, next: () => Promise<unknown>) {
    return (c as MessageContext).args === 'blocked' ? 'no' : next();
  }
}

describe('invokeHandler', () => {
  it('gives a method what its parameters ask for, or context and arguments where they ask for nothing', async () => {
    const plugin = new Sample();
    expect(await invokeHandler(plugin, 'decorated', context, { args: { x: 1, y: true } })).toBe('1 true typed');
    expect(await invokeHandler(plugin, 'plain', context, { args: { x: 2 } })).toBe('typed 2');
    expect(await invokeHandler(plugin, 'found', context, { match: ['k'] })).toBe('k');
  });

  it('goes through the middleware, which can keep the handler from being called', async () => {
    const plugin = new Sample();
    const blocked = { args: 'blocked' } as unknown as MessageContext;
    expect(await invokeHandler(plugin, 'plain', blocked, { args: { x: 2 } })).toBe('no');
    expect(plugin.log).toEqual(['in', 'out']);
  });

  it('fails a middleware that goes on twice', async () => {
    @BotPlugin({ id: 'twice' })
    class Twice {
      @On('message') heard() {
        return 'x';
      }
      @Middleware() async around(_c: EventContext, next: () => Promise<unknown>) {
        await next();
        return next();
      }
    }
    await expect(invokeHandler(new Twice(), 'heard', context)).rejects.toThrow('called next() twice');
  });
});

describe('manifestOf', () => {
  it('names every mistake of parameters, guards, cooldowns, schedules, keywords and expressions', () => {
    @BotPlugin({ id: 'wrong' })
    class Wrong {
      @Command('a <x:int> <y>', { summary, cooldown: '3s/everybody' as '3s/user' })
      one(@Arg('why') why: number, other: string) {
        return [why, other];
      }
      @On('message') two(@Arg('x') _x: MessageContext) {}
      @On('message') three(@Found() _x: MessageContext) {}
      @Use(InGroup) four() {}
      @Keyword('') five() {}
      @Regex(/(a)\1/) six() {}
      @Every('often', { tz: 'Mars/Olympus', sender: 'nobody' as 'pool:x' }) seven() {}
      @On('message', { priority: Number.NaN }) eight() {}
    }
    let message = '';
    try {
      manifestOf(Wrong);
    } catch (error) {
      message = (error as Error).message;
    }
    for (const part of [
      'the cooldown "3s/everybody" must look like',
      `"why" is not what the pattern has in this place; the pattern has @Arg('x'), @Arg('y')`,
      'method one: parameter 2 has no decorator',
      'method two: @Arg and @Option belong to handlers of @Command',
      'method three: @Found belongs to handlers',
      'method four: it is no handler',
      'method five: the keyword ""',
      'method six: the expression (a)\\1 cannot be run in linear time',
      'method seven: "often" must be a cron expression',
      'method seven: there is no time zone "Mars/Olympus"',
      'method seven: the sender "nobody"',
      'method eight: priority is NaN',
    ]) {
      expect(message).toContain(part);
    }
  });
});
