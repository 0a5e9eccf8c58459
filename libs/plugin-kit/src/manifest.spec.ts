import { describe, expect, it } from '@jest/globals';
import { RookeryError, type Event } from '@rookery/protocol';
import { catalogueOf } from './catalogue';
import type { EventContext, MessageContext } from './context';
import { BotPlugin, Command, On } from './decorators';
import { checkManifests, manifestOf } from './manifest';

const summary = { zh: '测试', en: 'Test' };

@BotPlugin({ id: 'dice', title: { zh: '骰子', en: 'Dice' } })
class Dice {
  @Command('roll dice <sides> [times...]', { alias: ['骰子', 'r'], summary, deadlineMs: 5000 })
  roll(context: MessageContext): string {
    return context.args;
  }

  @Command('roll', { alias: 'once', summary })
  once(): number {
    return 4;
  }

  @On('notice.group_increase')
  async welcome(context: EventContext): Promise<void> {
    await context.reply('hi');
  }

  @On('notice.notify.poke', { deadlineMs: 100 })
  poke(): void {}
}

function codeOf(action: () => unknown): { code: string; message: string } {
  try {
    action();
  } catch (error) {
    if (error instanceof RookeryError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('it did not throw');
}

describe('manifestOf', () => {
  it('reads what the decorators declare, without running the plugin', () => {
    expect(manifestOf(Dice)).toEqual({
      id: 'dice',
      title: { zh: '骰子', en: 'Dice' },
      commands: [
        {
          method: 'roll',
          name: 'roll dice',
          usage: 'roll dice <sides> [times...]',
          pattern: {
            name: 'roll dice',
            arguments: [
              { name: 'sides', type: { kind: 'string' }, required: true },
              { name: 'times', type: { kind: 'text' }, required: false, many: true },
            ],
            options: [],
          },
          alias: ['骰子', 'r'],
          summary,
          deadlineMs: 5000,
        },
        {
          method: 'once',
          name: 'roll',
          usage: 'roll',
          pattern: { name: 'roll', arguments: [], options: [] },
          alias: ['once'],
          summary,
        },
      ],
      keywords: [],
      regexes: [],
      schedules: [],
      listeners: [
        { method: 'welcome', selector: 'notice.group_increase' },
        { method: 'poke', selector: 'notice.notify.poke', deadlineMs: 100 },
      ],
    });
  });

  it('does not inherit the handlers of a parent class', () => {
    class Loaded extends Dice {}
    expect(codeOf(() => manifestOf(Loaded))).toEqual({
      code: 'PLUGIN_INVALID',
      message: 'plugin class Loaded: it has no @BotPlugin({ id }); add it above the class',
    });
  });

  it('refuses a plugin without handlers', () => {
    @BotPlugin({ id: 'idle' })
    class Idle {}
    expect(codeOf(() => manifestOf(Idle)).message).toContain('plugin class Idle: it has no handler');
  });

  it.each(['', 'Dice', '1dice', 'a.b', 'a:b', 'x'.repeat(33)])('refuses the id %p', (id) => {
    @BotPlugin({ id })
    class Named {
      @On('message') heard(): void {}
    }
    expect(codeOf(() => manifestOf(Named)).message).toContain('lower-case letters');
  });

  it.each([
    [['moderat'], 'it cannot need "moderat": did you mean moderate?'],
    [[7], 'it cannot need 7: it must be moderate'],
    ['moderate', 'its needs must be a list'],
  ])('refuses the needs %j', (needs, problem) => {
    @BotPlugin({ id: 'sample', needs: needs as never })
    class Sample {
      @On('message') heard(): void {}
    }
    expect(codeOf(() => manifestOf(Sample)).message).toContain(problem);
  });

  it('holds what a plugin needs, and nothing where it needs nothing', () => {
    @BotPlugin({ id: 'sample', needs: ['moderate', 'set_qq_profile'] })
    class Sample {
      @On('message') heard(): void {}
    }
    expect(manifestOf(Sample).needs).toEqual(['moderate', 'set_qq_profile']);
    expect(manifestOf(Dice)).not.toHaveProperty('needs');
  });

  it.each(['', ' ping', 'ping ', 'ping  all', 'ping <a', '<a>', 'ping[a]', 'ping [a] b', 'a\nb', 'x'.repeat(65)])(
    'refuses the pattern %p',
    (pattern) => {
      @BotPlugin({ id: 'sample' })
      class Sample {
        @Command(pattern, { summary }) run(): void {}
      }
      expect(codeOf(() => manifestOf(Sample)).message).toContain(`method run: the pattern "${pattern}": `);
    },
  );

  it.each(['', 'two  words', ' x', '<a>', 'x'.repeat(65)])('refuses the alias %p', (alias) => {
    @BotPlugin({ id: 'sample' })
    class Sample {
      @Command('ping', { summary, alias }) run(): void {}
    }
    expect(codeOf(() => manifestOf(Sample)).message).toContain(`the alias "${alias}"`);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])('refuses a deadline of %p ms', (deadlineMs) => {
    @BotPlugin({ id: 'sample' })
    class Sample {
      @On('message', { deadlineMs }) run(): void {}
    }
    expect(codeOf(() => manifestOf(Sample)).message).toContain('deadlineMs');
  });

  it.each(['massage', '', 'notice.', 'notice..x', '.message'])('refuses to listen for %p', (selector) => {
    @BotPlugin({ id: 'sample' })
    class Sample {
      @On(selector as 'message') run(): void {}
    }
    expect(codeOf(() => manifestOf(Sample)).message).toContain(`there are no events "${selector}"`);
  });

  it('refuses a static method and a method whose name does not fit an action id, and names all problems at once', () => {
    @BotPlugin({ id: 'Sample' })
    class Sample {
      @On('message') naïve(): void {}
      static run(): void {}
    }
    On('message')(Sample.prototype, 'gone', { value: () => undefined });
    const { message } = codeOf(() => manifestOf(Sample));
    expect(message.split('\n')).toEqual([
      expect.stringContaining('its id "Sample"'),
      expect.stringContaining('method naïve: its name'),
      expect.stringContaining('gone is no method of its instances'),
    ]);
  });
});

describe('On and Command', () => {
  it('hand a method the context that fits its events; another one does not compile', () => {
    @BotPlugin({ id: 'typed' })
    class Typed {
      @On('notice.group_ban') ban({ event }: EventContext): string | number {
        return event.id;
      }

      @On('message.private') heard({ args }: MessageContext): string {
        return args;
      }

      // @ts-expect-error a notice has no arguments
      @On('notice.group_ban') wrong({ args }: MessageContext): string {
        return args;
      }

      // @ts-expect-error there is no such kind
      @On('notice.group_bann') misspelt(): void {}

      // @ts-expect-error a command is a message
      @Command('x', { summary }) command(context: EventContext<Extract<Event, { type: 'notice' }>>): unknown {
        return context.event.fields;
      }
    }
    expect(manifestOf(Typed).listeners).toHaveLength(4);
  });
});

describe('checkManifests', () => {
  const other = (id: string, name: string, alias: string[] = []) => ({
    id,
    commands: [{ method: 'run', name, alias }],
  });

  it('accepts plugins that share nothing', () => {
    expect(() => checkManifests([manifestOf(Dice), other('ping', 'ping')])).not.toThrow();
  });

  it('refuses two plugins of one id', () => {
    expect(codeOf(() => checkManifests([other('a', 'x'), other('a', 'y')]))).toEqual({
      code: 'PLUGIN_INVALID',
      message: 'two plugins have the id "a"; give one of them another',
    });
  });

  it.each([
    ['name and name', other('ping', 'roll')],
    ['name and alias', other('ping', 'ping', ['roll'])],
  ])('refuses one command twice (%s) and names both handlers', (_case, second) => {
    expect(codeOf(() => checkManifests([manifestOf(Dice), second]))).toEqual({
      code: 'PLUGIN_INVALID',
      message: 'the command "roll" is declared by dice.once and by ping.run; rename one of them',
    });
  });

  it('refuses an alias that a handler gives itself twice', () => {
    expect(codeOf(() => checkManifests([other('a', 'x', ['x'])])).message).toContain('by a.run and by a.run');
  });
});

describe('catalogueOf', () => {
  it('lists every command with prefix and parameters, sorted', () => {
    expect(catalogueOf([manifestOf(Dice)], '/')).toEqual([
      { plugin: 'dice', handler: 'once', usage: '/roll', alias: ['once'], summary },
      { plugin: 'dice', handler: 'roll', usage: '/roll dice <sides> [times...]', alias: ['骰子', 'r'], summary },
    ]);
  });
});
