import { describe, expect, it } from '@jest/globals';
import {
  and,
  BotPlugin,
  Command,
  FromAccount,
  FromPool,
  Granted,
  InGroup,
  InPrivate,
  Keyword,
  manifestOf,
  not,
  On,
  or,
  Regex,
  RoleAtLeast,
  Superuser,
  Use,
  type Guard,
} from '@rookery/plugin-kit';
import { plainText, type Event, type MessageEvent, type Segment } from '@rookery/protocol';
import { fuzzing } from '@rookery/testing';
import fc from 'fast-check';
import type { Access } from './access';
import { RouteTable } from './route-table';

const summary = { zh: '测试', en: 'Test' };

function says(text: string, fields: object = {}): MessageEvent {
  return {
    id: 'm1',
    self: '10001',
    pool: 'default',
    conversation: 'group:default:7',
    type: 'message',
    scene: { kind: 'group', groupId: '7' },
    sender: { userId: '42', nickname: '', card: '', role: 'member' },
    segments: [{ type: 'text', data: { text } }],
    text,
    ...fields,
  } as unknown as MessageEvent;
}

const privately = { scene: { kind: 'private', userId: '42' }, sender: { userId: '42', nickname: '', card: '' } };
const poke = says('', { type: 'notice', kind: 'notify.poke', groupId: '7', userId: '42' }) as unknown as Event;

function table(plugins: (new () => object)[], access: Partial<Access> = {}): RouteTable {
  return new RouteTable({
    manifests: plugins.map((plugin) => manifestOf(plugin)),
    prefixes: ['/'],
    fleet: new Set(),
    access: { superusers: [], isOn: () => true, isSuperuser: () => false, isGranted: () => false, ...access },
  });
}

const handlers = (sut: RouteTable, event: Event) => sut.match(event).map(({ route }) => route.handler);
const answers = (sut: RouteTable, event: Event) =>
  sut.match(event).map(({ answer }) => answer && [answer.kind, answer.text.en]);

@BotPlugin({ id: 'many' })
class Many {
  @On('message') listen(): void {}
  @Keyword(['早安', 'Morning', 'morn']) greet(): void {}
  @Regex(/(\d+)d(\d+)/i) dice(): void {}
  @Command('roll [sides:int(2..9)=6]', { summary, alias: 'r' }) roll(): void {}
  @On('notice.notify.poke') poked(): void {}
  @Keyword('first', { priority: 5, stop: true }) first(): void {}
}

describe('RouteTable', () => {
  it.each<[string, string[]]>([
    ['hello', ['listen']],
    ['/roll 3', ['roll', 'listen']],
    ['GOOD MORNING', ['greet', 'listen']],
    ['早安 roll 2D6', ['greet', 'dice', 'listen']],
    ['/roll 3 早安', ['roll', 'greet', 'listen']],
    ['/roll 3 first 早安', ['first']],
  ])('finds for %j in the order of priority and kind: %j', (text, expected) => {
    expect(handlers(table([Many]), says(text))).toEqual(expected);
  });

  it('hands over arguments, keywords and groups', () => {
    const sut = table([Many]);
    expect(sut.match(says('/r 3'))[0]).toMatchObject({ input: { args: { sides: 3 } } });
    expect(sut.match(says('a 10d20'))[0]).toMatchObject({ input: { match: ['10d20', '10', '20'] } });
    expect(sut.match(says('mornings'))[0]).toMatchObject({ input: { match: ['morn'] } });
    expect(handlers(sut, poke)).toEqual(['poked']);
  });

  it('looks at the first 4,096 characters only', () => {
    expect(handlers(table([Many]), says(`${'x'.repeat(4_096)}早安 1d6`))).toEqual(['listen']);
  });

  it('runs an expression that would backtrack for ever in linear time', () => {
    @BotPlugin({ id: 'slow' })
    class Slow {
      @Regex('^(a+)+$') run(): void {}
    }
    expect(handlers(table([Slow]), says(`${'a'.repeat(4_000)}b`))).toEqual([]);
  });

  it('answers wrong use with the usage, in place of the handler, and goes on to listeners', () => {
    const matches = table([Many]).match(says('/roll 12'));
    expect(matches[0]?.answer).toMatchObject({
      kind: 'usage',
      text: { zh: expect.stringContaining('用法：/roll [sides=6]') },
    });
    expect(matches).toHaveLength(2);
  });

  it('calls a method once that is declared in two ways', () => {
    @BotPlugin({ id: 'twice' })
    class Twice {
      @Keyword('早安') @Command('早安', { summary }) run(): void {}
    }
    expect(handlers(table([Twice]), says('/早安'))).toEqual(['run']);
  });

  it('leaves out what is switched off, also its suggestions', () => {
    const sut = table([Only], { isOn: (plugin, handler) => plugin === 'only' && handler !== 'kick' });
    expect(sut.match(says('/group kick'))).toEqual([]);
    expect(answers(sut, says('/group'))).toEqual([['suggestion', '/group has: /group mute']]);
  });

  it.each<[string, unknown]>([
    ['/gruop', undefined],
    ['/weathr', ['suggestion', 'There is no /weathr; did you mean /weather?']],
    ['/weather234', undefined],
    ['/天七', ['suggestion', 'There is no /天七; did you mean /天气?']],
    ['/group x', ['suggestion', '/group has: /group kick, /group mute']],
    ['/usr/bin', undefined],
    ['/1', undefined],
    ['weathr', undefined],
    ['/', undefined],
  ])('says to %j: %j', (text, expected) => {
    expect(answers(table([Only]), says(text))[0]).toEqual(expected);
  });
});

@BotPlugin({ id: 'only' })
class Only {
  @Command('group kick', { summary }) kick(): void {}
  @Command('group mute', { summary }) mute(): void {}
  @Command('weather', { summary, alias: '天气' }) weather(): void {}
}

function guarded(...guards: Guard[]): new () => object {
  @BotPlugin({ id: 'guarded' })
  @Use(...guards)
  class Guarded {
    @Command('do', { summary }) run(): void {}
    @On('notice.notify.poke') poked(): void {}
  }
  return Guarded;
}

describe('guards', () => {
  const role = (name: string) => ({ sender: { userId: '42', role: name } });
  const boss: Partial<Access> = { isSuperuser: (user) => user === '42' };
  const granted: Partial<Access> = { isGranted: (user, name) => user === '42' && name === 'news' };

  it.each<[string, Guard[], object, Partial<Access>, boolean]>([
    ['InGroup in a group', [InGroup], {}, {}, true],
    ['InGroup in private', [InGroup], privately, {}, false],
    ['InPrivate in private', [InPrivate], privately, {}, true],
    ['InPrivate in a group', [InPrivate], {}, {}, false],
    ['a member as member', [RoleAtLeast('member')], {}, {}, true],
    ['a member as admin', [RoleAtLeast('admin')], {}, {}, false],
    ['the owner as admin', [RoleAtLeast('admin')], role('owner'), {}, true],
    ['anybody as member in private', [RoleAtLeast('member')], privately, {}, false],
    ['a superuser', [Superuser], {}, boss, true],
    ['no superuser', [Superuser], {}, {}, false],
    ['who has the grant', [Granted('news')], {}, granted, true],
    ['who has another grant', [Granted('kick')], {}, granted, false],
    ['a superuser without the grant', [Granted('kick')], {}, boss, true],
    ['the account', [FromAccount('1', '10001')], {}, {}, true],
    ['another account', [FromAccount('1')], {}, {}, false],
    ['the pool', [FromPool('default')], {}, {}, true],
    ['another pool', [FromPool('x')], {}, {}, false],
    ['both of two', [InGroup, RoleAtLeast('member')], {}, {}, true],
    ['one of two', [InGroup, Superuser], {}, {}, false],
    ['or', [or(Superuser, RoleAtLeast('member'))], {}, {}, true],
    ['and', [and(InGroup, Superuser)], {}, {}, false],
    ['not', [not(InPrivate)], {}, {}, true],
  ])('%s', (_name, guards, fields, access, expected) => {
    const matches = table([guarded(...guards)], access).match(says('/do', fields));
    expect(matches.some(({ answer }) => !answer)).toBe(expected);
  });

  it.each<[string, Guard, string | undefined]>([
    ['a role', RoleAtLeast('admin'), 'owner and admins'],
    ['the owner', RoleAtLeast('owner'), 'Only the owner'],
    ['an operator', Superuser, 'operators'],
    ['a grant', Granted('news'), 'permission news'],
    ['one of two', or(Superuser, RoleAtLeast('admin')), 'operators'],
    ['the place', InPrivate, undefined],
    ['place and person', and(InPrivate, Superuser), undefined],
    ['somebody else', not(InGroup), undefined],
  ])('tells who typed a command that it needs %s, or nothing', (_name, guard, expected) => {
    const [answer] = answers(table([guarded(guard)]), says('/do'));
    expect(answer?.[0]).toBe(expected && 'refused');
    expect(String(answer?.[1])).toContain(String(expected));
  });

  it('concern what nobody typed as well, in silence', () => {
    expect(table([guarded(Superuser)]).match(poke)).toEqual([]);
    expect(handlers(table([guarded(InGroup)]), poke)).toEqual(['poked']);
  });
});

describe('what is told by the head of a message', () => {
  class Own {
    @Keyword(['早安', 'morning']) greet(): void {}
    @Regex(/(\d+)d(\d+)/i) dice(): void {}
    @Command('roll [sides:int(2..9)=6]', { summary, alias: 'r' }) roll(): void {}
  }
  BotPlugin({ id: 'own' })(Own);
  class Listening {
    @On('message', { off: true }) hear(): void {}
    @On('message.private') hearPrivately(): void {}
    @On('message') @Use(RoleAtLeast('admin')) hearAdmins(): void {}
  }
  BotPlugin({ id: 'listening' })(Listening);
  const segment: fc.Arbitrary<Segment> = fc.oneof(
    fc
      .array(fc.constantFrom('/', '!', ' ', '\u3000', '\n', 'roll', 'r', 'rol', '早安', 'MORNING', '2d6', 'x', ''))
      .map((words) => ({ type: 'text', data: { text: words.join('') } })),
    fc.constantFrom<Segment>(
      { type: 'at', data: { qq: '10001' } },
      { type: 'at', data: { qq: '5' } },
      { type: 'reply', data: { id: '1' } },
      { type: 'image', data: {} },
    ),
  );
  const off: Partial<Access> = { isOn: (_plugin, _handler, _event, unset = true) => unset };

  it.each([['/'], ['/', '!'], ['']])(
    'never keeps a message from a handler that wants it, prefixes %p %p',
    (...prefixes) => {
      const sut = new RouteTable({
        manifests: [Own, Listening].map((plugin) => manifestOf(plugin)),
        prefixes,
        fleet: new Set(['10001']),
        access: { superusers: [], isOn: () => true, isSuperuser: () => false, isGranted: () => false, ...off },
      });
      const others = [{}, privately, { sender: { userId: '42', nickname: '', card: '', role: 'admin' } }];
      let spared = 0;
      const property = fc.property(
        fc.array(segment, { maxLength: 4 }),
        fc.constantFrom(...others),
        (segments, fields) => {
          const event = says('', { segments, text: plainText(segments), ...fields });
          if (sut.mayWant(event)) return;
          spared += 1;
          expect(sut.match(event)).toEqual([]);
        },
      );
      fc.assert(property, fuzzing(500));
      expect(spared).toBeGreaterThan(prefixes.includes('') ? -1 : 20);
    },
  );

  it.each<[string, boolean, Partial<Access>]>([
    ['hello', false, off],
    ['hello', true, {}],
    ['hello', false, { isOn: () => false }],
    ['good morning', true, off],
    ['good morning', false, { isOn: () => false }],
    ['2d6', true, off],
    [' /anything', true, { isOn: () => false }],
  ])('of %j is %p', (text, expected, access) => {
    expect(table([Own, Listening], access).mayWant(says(text))).toBe(expected);
  });

  it('is not asked of a text that is cut, since a command may stand behind the blanks', () => {
    const blanks = ' '.repeat(70_000);
    const event = says(`${blanks}/roll`, { text: blanks.slice(0, 65_536) });
    expect([table([Own]).mayWant(event), table([Own]).match(event).length]).toEqual([true, 1]);
  });
});
