import { describe, expect, it } from '@jest/globals';
import type { Event } from '@rookery/protocol';
import type { Settled } from '../dispatch';
import { Conversations } from './conversations';

type Options = ConstructorParameters<typeof Conversations>[0];

interface Said {
  readonly account?: string;
  readonly group?: string;
  readonly from?: string;
  readonly seq?: string;
  readonly own?: boolean;
  readonly text?: string;
}

const said = ({ account = '10001', group = '7', from = '42', seq = '1', own = false, text = 'x' }: Said = {}): Event =>
  ({
    id: `m.${account}.g${group}.s${seq}`,
    self: account,
    conversation: `group:default:${group}`,
    type: 'message',
    scene: { kind: 'group', groupId: group },
    seq,
    sender: { userId: from, nickname: '', card: '' },
    segments: [{ type: 'text', data: { text } }],
    text,
    own,
  }) as unknown as Event;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const HANDLED: Settled = { result: 'handled' };

/** Handlers run until the test ends them, except with `instant`. */
function setUp(options: Partial<Options> = {}) {
  const started: string[] = [];
  const ends = new Map<string, (settled: Settled) => void>();
  const dispatcher: Options['dispatcher'] = {
    match: (event) => (event.type === 'message' && event.text === 'chatter' ? [] : [{} as never]),
    run(event) {
      started.push(event.id);
      return new Promise((end) => ends.set(event.id, end));
    },
  };
  const sut = new Conversations({ dispatcher, fleet: new Set(['10001', '10002']), ...options });
  const settled: [string, Settled][] = [];
  sut.on('settled', (event, how) => settled.push([event.id, how]));
  const end = (event: Event, how: Settled = HANDLED) => {
    const found = ends.get(event.id);
    if (!found) throw new Error(`${event.id} has not started`);
    found(how);
  };
  return { sut, started, settled, end };
}

describe('Conversations', () => {
  it('settles an event as its handlers did', async () => {
    const { sut, settled, end } = setUp();
    const event = said();
    const delivered = sut.deliver(event);
    await turn();
    end(event, { result: 'failed', reason: 'HANDLER_TIMEOUT' });
    expect(await delivered).toEqual({ result: 'failed', reason: 'HANDLER_TIMEOUT' });
    expect(settled).toEqual([[event.id, { result: 'failed', reason: 'HANDLER_TIMEOUT' }]]);
  });

  it('handles one event of a conversation at a time, in the order of delivery, and others meanwhile', async () => {
    const { sut, started, end } = setUp();
    const events = [said({ seq: '1' }), said({ seq: '2' }), said({ group: '8' })] as const;
    for (const event of events) void sut.deliver(event);
    await turn();
    expect(started).toEqual([events[0].id, events[2].id]);
    expect(sut.active).toBe(2);
    end(events[0]);
    await turn();
    expect(started).toEqual([events[0].id, events[2].id, events[1].id]);
  });

  it.each<[string, Said]>([
    ['this account itself said', { own: true, from: '10001' }],
    ['an account that is configured no more said through us', { own: true, from: '10009' }],
    ['a sibling account said', { from: '10002' }],
  ])('does not dispatch what %s', async (_name, message) => {
    const { sut, started, settled } = setUp();
    const event = said(message);
    expect(await sut.deliver(event)).toEqual({ result: 'skipped', reason: 'own' });
    expect(started).toEqual([]);
    expect(settled).toHaveLength(1);
  });

  it('dispatches one copy of a group message, whichever account saw it first', async () => {
    const { sut, started, end } = setUp();
    const first = said({ account: '10002' });
    const delivered = sut.deliver(first);
    expect(await sut.deliver(said({ account: '10001' }))).toEqual({ result: 'skipped', reason: 'copy' });
    await turn();
    end(first);
    expect(await delivered).toEqual(HANDLED);
    expect(await sut.deliver(said({ account: '10003' }))).toEqual({ result: 'skipped', reason: 'copy' });
    expect(started).toEqual([first.id]);
  });

  it('dispatches the same copy again when it is delivered again: deciding about replays is for others', async () => {
    const { sut, started, end } = setUp();
    const event = said();
    for (let round = 0; round < 2; round++) {
      const delivered = sut.deliver(event);
      await turn();
      end(event);
      expect(await delivered).toEqual(HANDLED);
    }
    expect(started).toEqual([event.id, event.id]);
  });

  it.each<[string, object]>([
    ['group messages without a sequence number', { seq: undefined }],
    ['private messages', { scene: { kind: 'private', userId: '42' } }],
    ['notices', { type: 'notice' }],
  ])('does not take two %s for copies', async (_name, change) => {
    const { sut, started } = setUp({ perConversation: 2 });
    void sut.deliver({ ...said(), ...change } as Event);
    void sut.deliver({ ...said({ account: '10002' }), ...change, conversation: 'group:default:8' } as Event);
    await turn();
    expect(started).toHaveLength(2);
  });

  it('settles at once what nothing wants: no mailbox, no memory', async () => {
    const { sut, started } = setUp({ perConversation: 0 });
    for (const account of ['10001', '10002']) {
      expect(await sut.deliver(said({ account, text: 'chatter' }))).toEqual({ result: 'unmatched' });
    }
    expect([started, sut.active]).toEqual([[], 0]);
  });

  it('reports an event as failed when its conversation is full, and takes the next when there is room', async () => {
    const { sut, end } = setUp({ perConversation: 1 });
    const [first, second] = [said({ seq: '1' }), said({ seq: '2' })];
    const delivered = sut.deliver(first);
    expect(await sut.deliver(second)).toEqual({ result: 'failed', reason: 'overflow' });
    await turn();
    end(first);
    await delivered;
    const again = sut.deliver(second);
    await turn();
    end(second);
    expect(await again).toEqual(HANDLED);
  });

  it('never rejects: a fault of the dispatcher fails its event and nothing else', async () => {
    const broken = new Error('broken');
    const faults: unknown[] = [];
    const matching = setUp({
      dispatcher: {
        match: () => {
          throw broken;
        },
        run: () => Promise.resolve(HANDLED),
      },
    });
    const running = setUp({ dispatcher: { match: () => [{} as never], run: () => Promise.reject(broken) } });
    for (const { sut } of [matching, running]) {
      sut.on('fault', (_event, thrown) => faults.push(thrown));
      expect(await sut.deliver(said())).toEqual({ result: 'failed', reason: 'INTERNAL' });
    }
    expect(faults).toEqual([broken, broken]);
  });

  it('drains when everything that was delivered is settled', async () => {
    const { sut, settled, end } = setUp();
    const events = [said({ seq: '1' }), said({ seq: '2' })] as const;
    for (const event of events) void sut.deliver(event);
    const drained = sut.drain();
    for (const event of events) {
      await turn();
      end(event);
    }
    await drained;
    expect(settled).toHaveLength(2);
  });
});
