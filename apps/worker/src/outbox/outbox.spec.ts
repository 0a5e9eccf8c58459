import { describe, expect, it } from '@jest/globals';
import { actionId, nodeId, selfId, SECOND, type Action, type ActionResult } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { Outbox } from './outbox';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp(publish: (action: Action) => Promise<void> = () => Promise.resolve()) {
  const clock = new FakeClock(1_000_000);
  const published: Action[] = [];
  const seen: string[] = [];
  const publisher = {
    publish(action: Action) {
      published.push(action);
      return publish(action);
    },
  };
  const record = new Map<string, ActionResult | Error>();
  const lookedUp: string[] = [];
  const results = {
    find(self: string, id: string) {
      lookedUp.push(`${self} ${id}`);
      const found = record.get(id);
      return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
    },
  };
  const sut = new Outbox({ publisher, results, node: nodeId('w1'), clock });
  sut.on('recovered', (result) => seen.push(`recovered ${result.id}`));
  sut.on('published', (action) => seen.push(`published ${action.id}`));
  sut.on('publishFailed', (action, error) => seen.push(`publishFailed ${action.id} ${error.message}`));
  sut.on('ended', (action, result) => seen.push(`ended ${action.id} ${result.outcome}`));
  sut.on('unwanted', (result) => seen.push(`unwanted ${result.id}`));
  const action = (id: string): Action => ({
    v: 1,
    id: actionId(id),
    self: selfId('10001'),
    name: 'send_group_msg',
    params: {},
    lane: 'interactive',
    createdAt: clock.now(),
    expiresAt: clock.now() + 60 * SECOND,
    origin: { plugin: 'p' },
  });
  return { sut, clock, published, seen, action, record, lookedUp };
}

const sent = (id: string): ActionResult => ({
  id: actionId(id),
  self: selfId('10001'),
  outcome: 'sent',
  data: { message_id: 5 },
  endedAt: 0,
});

describe('Outbox', () => {
  it('gives the result back to the one who asked, naming this worker as the place to send it to', async () => {
    const { sut, clock, published, seen, action } = setUp();
    const first = sut.ask(action('a1'), new AbortController().signal);
    const second = sut.ask(action('a2'), new AbortController().signal);
    await Promise.all([first.queued, second.queued]);
    expect(published.map(({ id, replyTo }) => [id, replyTo])).toEqual([
      ['a1', 'w1'],
      ['a2', 'w1'],
    ]);
    expect(sut.waiting).toBe(2);
    sut.resolve(sent('a2'));
    expect(await second.result).toEqual(sent('a2'));
    expect(sut.waiting).toBe(1);
    sut.resolve(sent('a1'));
    expect(await first.result).toEqual(sent('a1'));
    sut.close();
    expect([sut.waiting, clock.pending]).toEqual([0, 0]);
    expect(seen).toEqual(['published a1', 'published a2', 'ended a2 sent', 'ended a1 sent']);
  });

  it('publishes again what nobody has heard of for long, since Redis may have forgotten it in a power cut, and not past its expiry', async () => {
    let isAway = false;
    const { sut, clock, published, seen, action, record } = setUp(() =>
      isAway ? Promise.reject(new Error('away')) : Promise.resolve(),
    );
    const { queued, result } = sut.ask(action('a1'), new AbortController().signal);
    await queued;
    await clock.advanceAsync(10 * SECOND);
    expect(published.map(({ id, replyTo }) => [id, replyTo])).toEqual([
      ['a1', 'w1'],
      ['a1', 'w1'],
    ]);
    isAway = true;
    await clock.advanceAsync(10 * SECOND);
    expect(seen).toEqual(['published a1', 'publishFailed a1 away']);
    isAway = false;
    await clock.advanceAsync(50 * SECOND);
    expect(published).toHaveLength(6);
    record.set('a1', sent('a1'));
    await clock.advanceAsync(10 * SECOND);
    expect((await result).outcome).toBe('sent');
    expect(published).toHaveLength(6);
    sut.close();
  });

  it('takes a result that is faster than the acknowledgement of the queue', async () => {
    const { sut, action } = setUp(() => new Promise(() => undefined));
    const { result } = sut.ask(action('a1'), new AbortController().signal);
    sut.resolve(sent('a1'));
    expect((await result).outcome).toBe('sent');
  });

  it('expects no result of what is only posted', async () => {
    const { sut, published, action } = setUp();
    await sut.post(action('a1'), new AbortController().signal);
    expect(published[0]).not.toHaveProperty('replyTo');
    expect(sut.waiting).toBe(0);
  });

  it('reports a result that nobody waits for, also one that comes twice', async () => {
    const { sut, seen, action } = setUp();
    const { queued } = sut.ask(action('a1'), new AbortController().signal);
    await queued;
    sut.resolve(sent('a1'));
    sut.resolve(sent('a1'));
    sut.resolve(sent('never-asked'));
    expect(seen).toEqual(['published a1', 'ended a1 sent', 'unwanted a1', 'unwanted never-asked']);
  });

  it('says unknown, never not_sent, when the handler stops waiting after the action was published', async () => {
    const { sut, clock, action } = setUp();
    const deadline = new AbortController();
    const { result } = sut.ask(action('a1'), deadline.signal);
    await turn();
    deadline.abort();
    expect(await result).toMatchObject({ outcome: 'unknown', error: { code: 'ACTION_OUTCOME_UNKNOWN' } });
    sut.close();
    expect([sut.waiting, clock.pending]).toEqual([0, 0]);
  });

  it('says unknown when no result comes long after the expiry', async () => {
    const { sut, clock, action } = setUp();
    const { result } = sut.ask(action('a1'), new AbortController().signal);
    await clock.advanceAsync(149 * SECOND);
    expect(sut.waiting).toBe(1);
    await clock.advanceAsync(1 * SECOND);
    expect(await result).toMatchObject({ outcome: 'unknown', error: { code: 'ACTION_OUTCOME_UNKNOWN' } });
  });

  it('publishes nothing for a handler that was given up before', async () => {
    const { sut, published, action } = setUp();
    const { queued, result } = sut.ask(action('a1'), AbortSignal.abort());
    await queued;
    expect(await result).toMatchObject({ outcome: 'not_sent', error: { code: 'ACTION_EXPIRED' } });
    expect(published).toEqual([]);
  });

  it('asks once for one id: the second question gets the same result', async () => {
    const { sut, published, action } = setUp();
    const first = sut.ask(action('a1'), new AbortController().signal);
    const second = sut.ask(action('a1'), new AbortController().signal);
    await first.queued;
    sut.resolve(sent('a1'));
    expect(await Promise.all([first.result, second.result])).toEqual([sent('a1'), sent('a1')]);
    expect(published).toHaveLength(1);
  });

  it('publishes the same action again while Redis is away', async () => {
    let failures = 2;
    const { sut, clock, published, seen, action } = setUp(() =>
      failures-- > 0 ? Promise.reject(new Error('away')) : Promise.resolve(),
    );
    const posting = sut.post(action('a1'), new AbortController().signal);
    await clock.advanceAsync(500);
    await clock.advanceAsync(500);
    await posting;
    expect(published.map(({ id }) => id)).toEqual(['a1', 'a1', 'a1']);
    expect(seen).toEqual(['publishFailed a1 away', 'publishFailed a1 away', 'published a1']);
  });

  it('gives a post up with its handler, and says why', async () => {
    const { sut, clock, published, action } = setUp(() => Promise.reject(new Error('away')));
    const deadline = new AbortController();
    const posting = sut.post(action('a1'), deadline.signal).catch((error: unknown) => error);
    await turn();
    deadline.abort();
    await clock.advanceAsync(500);
    expect(await posting).toMatchObject({ message: 'away' });
    expect([published.length, clock.pending]).toEqual([1, 0]);
  });

  it('says unknown when publishing failed to the end, since a failed publish may have been carried out', async () => {
    const { sut, clock, action } = setUp(() => Promise.reject(new Error('away')));
    const deadline = new AbortController();
    const { queued, result } = sut.ask(action('a1'), deadline.signal);
    await turn();
    deadline.abort();
    expect((await result).outcome).toBe('unknown');
    await clock.advanceAsync(500);
    await queued;
    sut.close();
    expect(clock.pending).toBe(0);
  });

  it('finds a result in the record when its message was lost, and asks the record for nothing that is recent', async () => {
    const { sut, clock, seen, action, record, lookedUp } = setUp();
    const old = sut.ask(action('old'), new AbortController().signal);
    await clock.advanceAsync(5 * SECOND);
    void sut.ask(action('recent'), new AbortController().signal);
    record.set('old', sent('old'));
    await clock.advanceAsync(5 * SECOND);
    expect(await old.result).toEqual(sent('old'));
    expect(lookedUp).toEqual(['10001 old']);
    expect(seen.slice(-2)).toEqual(['recovered old', 'ended old sent']);
    sut.close();
  });

  it('asks the record again when it was silent or Redis was away', async () => {
    const { sut, clock, action, record, lookedUp } = setUp();
    const { result } = sut.ask(action('a1'), new AbortController().signal);
    await clock.advanceAsync(10 * SECOND);
    record.set('a1', new Error('away'));
    await clock.advanceAsync(10 * SECOND);
    record.set('a1', sent('a1'));
    await clock.advanceAsync(10 * SECOND);
    expect((await result).outcome).toBe('sent');
    expect(lookedUp).toHaveLength(3);
    expect(clock.pending).toBe(0);
  });

  it('asks the record for nothing after it was closed, also when that happened during a look-up', async () => {
    const { sut, clock, action, lookedUp } = setUp();
    void sut.ask(action('a1'), new AbortController().signal);
    clock.advance(10 * SECOND);
    sut.close();
    await clock.advanceAsync(60 * SECOND);
    expect(lookedUp).toHaveLength(1);
  });

  it('answers by the caller’s deadline, and asks the record once more before', async () => {
    const { sut, clock, action, record, lookedUp } = setUp();
    const lost = sut.ask(action('lost'), new AbortController().signal, 3 * SECOND);
    record.set('found', sent('found'));
    const found = sut.ask(action('found'), new AbortController().signal, SECOND);
    await clock.advanceAsync(SECOND / 2);
    expect(await found.result).toEqual(sent('found'));
    await clock.advanceAsync(2.5 * SECOND);
    expect(await lost.result).toMatchObject({ outcome: 'unknown', error: { code: 'ACTION_OUTCOME_UNKNOWN' } });
    expect(lookedUp).toEqual(['10001 found', '10001 lost']);
    sut.close();
    expect(clock.pending).toBe(0);
  });

  it('one caller who stops waiting does not answer another who asked for the same', async () => {
    const { sut, clock, action, seen } = setUp();
    const deadline = new AbortController();
    const first = sut.ask(action('a1'), deadline.signal);
    const second = sut.ask(action('a1'), new AbortController().signal);
    await turn();
    deadline.abort();
    expect((await first.result).outcome).toBe('unknown');
    expect(sut.waiting).toBe(1);
    sut.resolve(sent('a1'));
    expect(await second.result).toEqual(sent('a1'));
    expect(seen).toEqual(['published a1', 'ended a1 unknown', 'ended a1 sent']);
    sut.close();
    expect(clock.pending).toBe(0);
  });
});
