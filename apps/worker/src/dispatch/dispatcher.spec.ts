import { describe, expect, it } from '@jest/globals';
import {
  BotPlugin,
  Command,
  On,
  type EventContext,
  type Log,
  type MessageContext,
  type Outbox,
} from '@rookery/plugin-kit';
import {
  SECOND,
  type RookeryError,
  type Action,
  type ActionResult,
  type Event,
  type MessageEvent,
} from '@rookery/protocol';
import type { FailedHandling } from '@rookery/redis';
import { FakeClock, noBacking } from '@rookery/testing';
import { InProcessHost } from '../host';
import { Dispatcher, type HandlerRun } from './dispatcher';
import { failedHandling } from './failures';

const summary = { zh: '测试', en: 'Test' };

function says(text: string): MessageEvent {
  return {
    id: 'm.1.g7.s1',
    self: '10001',
    pool: 'default',
    conversation: 'group:default:7',
    time: 0,
    receivedAt: 0,
    type: 'message',
    scene: { kind: 'group', groupId: '7' },
    subType: 'normal',
    sender: { userId: '42', nickname: '', card: '' },
    segments: [{ type: 'text', data: { text } }],
    text,
    own: false,
  } as unknown as MessageEvent;
}

const poke = { ...says(''), type: 'notice', kind: 'notify.poke', groupId: '7', fields: {} } as unknown as Event;
const textOf = (action: Action) => action.params['message'];
const text = (value: string) => [{ type: 'text', data: { text: value } }];

function setUp(plugins: object[], outboxParts: Partial<Outbox> = {}) {
  const clock = new FakeClock();
  const posted: Action[] = [];
  const asked: Action[] = [];
  const warnings: string[] = [];
  const runs: HandlerRun[] = [];
  const ignore = (): void => undefined;
  const log: Log = {
    debug: ignore,
    info: ignore,
    error: ignore,
    warn: (_fields, line) => void warnings.push(line),
    child: () => log,
  };
  const outbox: Outbox = {
    post: (action) => Promise.resolve(void posted.push(action)),
    ask(action) {
      asked.push(action);
      const result: ActionResult = { id: action.id, self: action.self, outcome: 'sent', endedAt: 0 };
      return { queued: Promise.resolve(), result: Promise.resolve(result) };
    },
    ...outboxParts,
  };
  const kept: [FailedHandling, string][] = [];
  const failures = {
    keep: async (failed: FailedHandling, error: RookeryError) => void kept.push([failed, error.code]),
  };
  const metrics = { count: ignore, observe: ignore };
  const asks = { keep: () => Promise.reject(new Error('nobody can be asked')) };
  const none = () => Promise.reject(new Error('there is none in this test'));
  const backing = { ...noBacking, storage: none, settings: none, fleet: none, broadcast: none };
  const hosts = plugins.map((plugin) => new InProcessHost({ plugin, clock, log, metrics, locale: 'en', seed: 'x' }));
  const sut = new Dispatcher({
    plugins: hosts,
    prefixes: ['/', ''],
    fleet: new Set(),
    outbox,
    failures,
    asks,
    backing,
    clock,
    log,
    locale: 'en',
  });
  sut.on('ran', (run) => runs.push(run));
  const dispatch = (event: Event) => sut.run(event, sut.match(event));
  return { sut, hosts, kept, clock, posted, asked, warnings, runs, dispatch };
}

/** One command, `/do`, that does what the test says. */
function doing(act: (context: MessageContext) => unknown, deadlineMs?: number): object {
  @BotPlugin({ id: 'doer' })
  class Doer {
    @Command('do', { summary, ...(deadlineMs !== undefined && { deadlineMs }) })
    act(context: MessageContext): unknown {
      return act(context);
    }
  }
  return new Doer();
}

const unreadable = Object.defineProperty(new Error('x'), 'message', {
  get() {
    throw new Error('no message for you');
  },
});

describe('Dispatcher', () => {
  it('runs no plugin code for an event that nothing wants', () => {
    const { sut } = setUp([doing(() => 'never')]);
    expect(sut.match(says('good morning'))).toEqual([]);
    expect(sut.match(poke)).toEqual([]);
  });

  it('hands arguments and catalogue to a command and sends what it returns, without waiting for the outcome', async () => {
    const { dispatch, posted, asked, runs } = setUp([doing((c) => `${c.commands[0]?.usage}|${c.args}|${c.locale}`)]);
    expect(await dispatch(says('/do it  now'))).toEqual({ result: 'handled' });
    expect(posted.map((action) => [action.id, action.lane, textOf(action)])).toEqual([
      ['m.1.g7.s1.doer.act.1', 'interactive', text('/do|it  now|en')],
    ]);
    expect(asked).toEqual([]);
    expect(runs).toEqual([
      { event: 'm.1.g7.s1', plugin: 'doer', handler: 'act', seconds: 0, lagMs: expect.any(Number) },
    ]);
  });

  it.each<[string, unknown, unknown]>([
    ['a segment', { type: 'face', data: { id: '1' } }, [{ type: 'face', data: { id: '1' } }]],
    ['several', ['a', { type: 'face', data: { id: '1' } }], [...text('a'), { type: 'face', data: { id: '1' } }]],
    ['a promise of text', Promise.resolve('later'), text('later')],
  ])('sends %s that a handler returns', async (_name, value, message) => {
    const { dispatch, posted } = setUp([doing(() => value)]);
    await dispatch(says('do'));
    expect(posted.map(textOf)).toEqual([message]);
  });

  it.each([undefined, null, true, { outcome: 'sent' }])('takes a returned %p for no message', async (value) => {
    const { dispatch, posted, warnings } = setUp([doing(() => value)]);
    expect(await dispatch(says('do'))).toEqual({ result: 'handled' });
    expect([posted, warnings]).toEqual([[], []]);
  });

  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  it.each<[string, unknown]>([
    ['bigint', 10n],
    ['function', () => 'x'],
    ['object', circular],
    ['object', []],
    ['object', ['a', 1]],
    ['object', { type: 'text', data: null }],
    ['number', 7],
  ])('discards a returned %s that is no message with a warning; the event is handled', async (kind, value) => {
    const { dispatch, posted, warnings } = setUp([doing(() => value)]);
    expect(await dispatch(says('do'))).toEqual({ result: 'handled' });
    expect([posted, warnings]).toEqual([[], [`returned a ${kind} that is no message; it is ignored`]]);
  });

  it.each<[string, unknown, string]>([
    ['an Error', new Error('broken'), 'handler doer.act on event m.1.g7.s1 threw: broken'],
    ['a string', 'broken', 'broken'],
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['an error whose message throws', unreadable, 'cannot be read'],
  ])('settles as failed when a handler throws %s, at once or later', async (_name, thrown, message) => {
    const throwing = setUp([
      doing(() => {
        throw thrown;
      }),
    ]);
    const rejecting = setUp([doing(() => Promise.reject(thrown as Error))]);
    for (const { dispatch, runs } of [throwing, rejecting]) {
      expect(await dispatch(says('do'))).toEqual({ result: 'failed', reason: 'HANDLER_FAILED' });
      expect(runs[0]?.error?.message).toContain(message);
    }
  });

  it('gives a handler that never settles up at its deadline, aborts its signal and refuses what it asks later', async () => {
    let context: MessageContext | undefined;
    const { dispatch, clock, runs, asked } = setUp([
      doing((c) => {
        context = c;
        return new Promise(() => undefined);
      }, 200),
    ]);
    const settled = dispatch(says('do'));
    await clock.advanceAsync(199);
    expect(runs).toEqual([]);
    await clock.advanceAsync(1);
    expect(await settled).toEqual({ result: 'failed', reason: 'HANDLER_TIMEOUT' });
    expect(runs[0]).toMatchObject({ seconds: 0.2, error: { code: 'HANDLER_TIMEOUT' } });
    expect(context?.signal.aborted).toBe(true);
    expect(await context?.reply('late')).toMatchObject({ outcome: 'refused' });
    expect(asked).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('gives a handler 30 s where nothing else is said, and keeps no timer of one that ended', async () => {
    const { dispatch, clock } = setUp([doing((c) => (c.args === '' ? new Promise(() => undefined) : undefined))]);
    await dispatch(says('do it'));
    expect(clock.pending).toBe(0);
    const settled = dispatch(says('do'));
    expect(clock.nextIn).toBe(30 * SECOND);
    await clock.advanceAsync(30 * SECOND);
    expect(await settled).toEqual({ result: 'failed', reason: 'HANDLER_TIMEOUT' });
  });

  it('survives a handler that rejects after it was given up', async () => {
    let fail = (_error: Error): void => undefined;
    const { dispatch, clock, runs } = setUp([doing(() => new Promise((_resolve, reject) => (fail = reject)), 10)]);
    const settled = dispatch(says('do'));
    await clock.advanceAsync(10);
    fail(new Error('too late'));
    await clock.advanceAsync(0);
    expect(await settled).toEqual({ result: 'failed', reason: 'HANDLER_TIMEOUT' });
    expect(runs).toHaveLength(1);
  });

  it('fails the event when the reply could not be stored', async () => {
    const { dispatch, runs } = setUp([doing(() => 'answer')], {
      post: () => Promise.reject(new Error('Redis is away')),
    });
    expect(await dispatch(says('do'))).toEqual({ result: 'failed', reason: 'HANDLER_FAILED' });
    expect(runs[0]?.error?.message).toContain('Redis is away');
  });

  it('settles only when what a handler asked without awaiting it is stored', async () => {
    let stored = (): void => undefined;
    const queued = new Promise<void>((resolve) => (stored = resolve));
    const { dispatch, runs } = setUp([doing((c) => void c.reply('not awaited'))], {
      ask: () => ({ queued, result: new Promise(() => undefined) }),
    });
    const settled = dispatch(says('do'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(runs).toEqual([]);
    stored();
    expect(await settled).toEqual({ result: 'handled' });
  });

  it('waits for twenty actions at once without a warning of Node', async () => {
    const warnings: string[] = [];
    const note = (warning: Error) => warnings.push(warning.name);
    process.on('warning', note);
    const { dispatch } = setUp([
      doing((c) => {
        for (let i = 0; i < 20; i++) c.signal.addEventListener('abort', () => undefined);
      }),
    ]);
    await dispatch(says('do'));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  it('runs the command first and then everyone who listens, also when one of them fails', async () => {
    const order: string[] = [];
    @BotPlugin({ id: 'listener' })
    class Listener {
      @On('message') all(context: MessageContext): void {
        order.push(`all:${context.args}`);
        throw new Error('broken');
      }

      @On('message.group') group(): void {
        order.push('group');
      }

      @On('message.private') person(): void {
        order.push('private');
      }
    }
    const { dispatch, runs } = setUp([new Listener(), doing(() => void order.push('command'))]);
    expect(await dispatch(says('/do x'))).toEqual({ result: 'failed', reason: 'HANDLER_FAILED' });
    expect(order).toEqual(['command', 'all:/do x', 'group']);
    expect(runs.map((run) => run.error?.code)).toEqual([undefined, 'HANDLER_FAILED', undefined]);
  });

  it('hands other events to those who listen for their type or kind', async () => {
    const order: string[] = [];
    @BotPlugin({ id: 'listener' })
    class Listener {
      @On('notice') notice(context: EventContext): string {
        order.push('notice');
        return `seen ${context.event.id}`;
      }

      @On('notice.notify.poke') poke(): void {
        order.push('poke');
      }

      @On('notice.notify.poke') again(): void {
        order.push('again');
      }

      @On('notice.group_ban') ban(): void {
        order.push('ban');
      }
    }
    const { dispatch, posted } = setUp([new Listener()]);
    expect(await dispatch(poke)).toEqual({ result: 'handled' });
    expect(order).toEqual(['notice', 'poke', 'again']);
    expect(posted.map((action) => action.name)).toEqual(['send_group_msg']);
  });

  it('finds a command by its alias', async () => {
    @BotPlugin({ id: 'dice' })
    class Dice {
      @Command('roll', { alias: '骰子', summary }) roll(context: MessageContext): string {
        return context.args;
      }
    }
    const { dispatch, posted } = setUp([new Dice()]);
    await dispatch(says('/骰子 6'));
    expect(posted.map(textOf)).toEqual([text('6')]);
  });

  it('does not start with two plugins that claim one command', () => {
    @BotPlugin({ id: 'other' })
    class Other {
      @Command('do', { summary }) act(): void {}
    }
    expect(() => setUp([doing(() => undefined), new Other()])).toThrow('"do" is declared by doer.act and by other.act');
  });

  it('keeps what failed with its attempt and with what it has sent, and repeats only that handler', async () => {
    let fails = true;
    const order: string[] = [];
    @BotPlugin({ id: 'listener' })
    class Listener {
      @On('message') all(): void {
        order.push('all');
      }
    }
    const act = async (context: MessageContext) => {
      order.push('act');
      await context.reply('working');
      if (fails) throw new Error('broken');
      return 'done';
    };
    const { sut, dispatch, kept, asked, posted } = setUp([doing(act), new Listener()]);
    await dispatch(says('do'));
    const [first] = kept;
    expect(first?.[0]).toMatchObject({ id: 'm.1.g7.s1.doer.act', plugin: 'doer', handler: 'act', attempts: 1 });
    fails = false;
    expect(first && (await sut.repeat(first[0]))).toEqual({ result: 'handled' });
    expect(order).toEqual(['act', 'all', 'act']);
    expect(asked.map(textOf)).toEqual([text('working')]);
    expect(posted.map(({ id }) => id)).toEqual(['m.1.g7.s1.doer.act.2.r1']);
  });

  it('counts no attempt that the stop of the worker cut short', async () => {
    const { hosts, dispatch, clock, kept } = setUp([doing(() => new Promise(() => undefined))]);
    const settled = dispatch(says('do'));
    for (const host of hosts) host.finishWithin(100);
    await clock.advanceAsync(100);
    expect(await settled).toEqual({ result: 'failed', reason: 'HANDLER_INTERRUPTED' });
    expect(kept[0]?.[0].attempts).toBe(0);
  });

  it('skips what only a switched-off plugin wants, and keeps what it was to repeat', async () => {
    const { sut, hosts, dispatch, kept } = setUp([doing(() => 'never')]);
    for (const host of hosts) Object.defineProperty(host, 'switchedOff', { value: true });
    expect(await dispatch(says('do'))).toEqual({ result: 'skipped', reason: 'plugin_off' });
    expect(kept).toEqual([]);
    await sut.repeat(failedHandling(says('do'), { plugin: 'doer', handler: 'act' }));
    expect(kept.map(([{ id }, code]) => [id, code])).toEqual([['m.1.g7.s1.doer.act', 'PLUGIN_OFF']]);
  });
});
