import { describe, expect, it } from '@jest/globals';
import { nodeId, privateConversation, readEnvelope, selfId, unfolded, userId, type Event } from '@rookery/protocol';
import { FakeClock, writtenEnvelope } from '@rookery/testing';
import { HANDLED, MemoryDouble, said, stage, turn, type Said, type StageOptions } from './spec-stage';

const setUp = (options: Partial<StageOptions> = {}) => stage({ clock: new FakeClock(), ...options });

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

  it('handles what another connector brings late before what was said after it and still waits, and keeps the order where there are no numbers', async () => {
    const { sut, started, end } = setUp();
    const running = said({ seq: '1', text: '1' });
    const [unnumbered, tooLarge] = [said({ seq: null, text: '5' }), said({ seq: '99999999999999999', text: '6' })];
    const [second, third, fourth] = ['2', '3', '4'].map((seq) => said({ seq, text: seq })) as [Event, Event, Event];
    for (const event of [running, third, fourth, second, unnumbered, tooLarge]) void sut.deliver(event);
    for (const event of [running, second, third, fourth, unnumbered, tooLarge]) {
      await turn();
      expect(started.at(-1)).toBe(event.id);
      end(event);
    }
  });

  it.each<[string, Said]>([
    ['this account itself said', { own: true, from: '10001' }],
    ['an account that is configured no more said through us', { own: true, from: '10009' }],
    ['a sibling account said', { from: '10002' }],
  ])('does not dispatch what %s', async (_name, message) => {
    const { sut, started, settled } = setUp();
    expect(await sut.deliver(said(message))).toEqual({ result: 'skipped', reason: 'own' });
    expect(started).toEqual([]);
    expect(settled).toHaveLength(1);
  });

  it.each<[string, object]>([
    [
      'private messages',
      { scene: { kind: 'private', userId: '42' }, conversation: privateConversation(selfId('10001'), userId('42')) },
    ],
    ['notices about an account', { type: 'notice', conversation: 'account:10001', fields: {} }],
  ])('does not take two %s for copies', async (_name, change) => {
    const { sut, started } = setUp({ instant: true });
    void sut.deliver({ ...said(), ...change } as Event);
    void sut.deliver({ ...said({ account: '10002' }), ...change } as Event);
    await turn();
    expect(started).toHaveLength(2);
  });

  it('settles at once what nothing wants: no mailbox, no memory', async () => {
    const memory = new MemoryDouble();
    const { sut, started } = setUp({ perConversation: 0, memory });
    for (const account of ['10001', '10002']) {
      expect(await sut.deliver(said({ account, text: 'nothing' }))).toEqual({ result: 'unmatched' });
    }
    expect([started, sut.active, memory.stored.size]).toEqual([[], 0, 0]);
  });

  it('reports an event as failed when its conversation is full, and takes it when there is room', async () => {
    const { sut, end } = setUp({ perConversation: 1 });
    const [first, second] = [said({ seq: '1' }), said({ seq: '2' })];
    const delivered = sut.deliver(first);
    expect(await sut.deliver(second)).toEqual({ result: 'failed', reason: 'overflow' });
    await turn();
    end(first);
    await delivered;
    await turn();
    const again = sut.deliver(second);
    await turn();
    end(second);
    expect(await again).toEqual(HANDLED);
  });

  it('begins no event before it is stored that the one before is settled, though its envelope may be ended meanwhile', async () => {
    const memory = new MemoryDouble();
    const { sut, started, end } = setUp({ memory });
    let store = (): void => undefined;
    memory.settle = () => new Promise((resolve) => (store = resolve));
    const [first, second] = [said({ seq: '1' }), said({ seq: '2' })];
    const delivered = sut.deliver(first);
    void sut.deliver(second);
    await turn();
    end(first);
    expect(await delivered).toEqual(HANDLED);
    await turn();
    expect(started).toEqual([first.id]);
    store();
    await turn();
    expect(started).toEqual([first.id, second.id]);
  });

  it('never rejects: a fault fails its event and nothing else', async () => {
    const broken = new Error('broken');
    const throwing = () => {
      throw broken;
    };
    const faults: unknown[] = [];
    const matched = [{ route: { plugin: 'p', handler: 'h' }, rest: [] }];
    const memory = new MemoryDouble();
    memory.take = () => Promise.reject(broken);
    for (const options of [
      { dispatcher: { mayWant: () => true, match: throwing, run: () => Promise.resolve(HANDLED) } },
      { dispatcher: { mayWant: () => true, match: () => matched, run: () => Promise.reject(broken) } },
      { memory },
    ]) {
      const { sut } = setUp(options);
      sut.on('fault', (_event, thrown) => faults.push(thrown));
      expect(await sut.deliver(said())).toEqual({ result: 'failed', reason: 'INTERNAL' });
    }
    expect(faults).toEqual([broken, broken, broken]);
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

  it('runs other work of a conversation in turn with its events, and refuses what has no room', async () => {
    const { sut, end } = setUp({ perConversation: 2 });
    const event = said();
    const steps: string[] = [];
    void sut.deliver(event);
    const work = sut.inTurn(event.conversation, async () => void steps.push('work'));
    await expect(sut.inTurn(event.conversation, async () => undefined)).rejects.toMatchObject({
      code: 'CONVERSATION_FULL',
    });
    await turn();
    expect(steps).toEqual([]);
    end(event);
    await work;
    expect(steps).toEqual(['work']);
    await expect(sut.inTurn(event.conversation, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });

  it('ignores a sender that answers each answer at once, and says so once', async () => {
    const clock = new FakeClock();
    const { sut } = setUp({ clock, instant: true });
    const braked: string[] = [];
    sut.on('braked', ({ sender }) => braked.push(sender.userId));
    const results: string[] = [];
    for (let n = 1; n <= 9; n++) {
      const how = await sut.deliver(said({ seq: String(n), from: '99', clock }));
      results.push('reason' in how ? how.reason : how.result);
      clock.advance(500);
    }
    expect(results).toEqual([...Array.from({ length: 6 }, () => 'handled'), 'brake', 'brake', 'brake']);
    expect(braked).toEqual(['99']);
    // Its further copies are no news either.
    expect(await sut.deliver(said({ account: '10002', seq: '9', from: '99', clock }))).toMatchObject({
      reason: 'copy',
    });
  });

  describe('when the worker is behind', () => {
    const behind = (options: Partial<StageOptions> = {}) => {
      const clock = new FakeClock();
      const late = (message: Said, ageMs: number): Event => ({
        ...said({ ...message, clock }),
        receivedAt: clock.now() - ageMs,
      });
      return { clock, late, ...setUp({ clock, ...options }) };
    };

    it('handles commands before chatter of the same conversation', async () => {
      const { sut, started, end, late } = behind();
      const [first, chatter, command] = [
        late({ seq: '1' }, 11_000),
        late({ seq: '2', text: 'chatter' }, 11_000),
        late({ seq: '3' }, 11_000),
      ];
      for (const event of [first, chatter, command]) void sut.deliver(event);
      expect(sut.overloaded).toBe(true);
      for (const event of [first, command]) {
        await turn();
        end(event);
      }
      await turn();
      expect(started).toEqual([first.id, command.id, chatter.id]);
    });

    it('skips chatter that is too old, and nothing else', async () => {
      const { sut, late } = behind({ instant: true });
      const stale = late({ seq: '1', text: 'chatter' }, 61_000);
      expect(await sut.deliver(stale)).toEqual({ result: 'skipped', reason: 'stale' });
      expect(await sut.deliver(late({ seq: '2' }, 61_000))).toEqual(HANDLED);
      expect(await sut.deliver(late({ seq: '3', text: 'chatter' }, 30_000))).toEqual(HANDLED);
      expect(
        await sut.deliver({
          ...late({}, 61_000),
          id: 'n1',
          type: 'notice',
          kind: 'notify.poke',
          fields: {},
        } as unknown as Event),
      ).toEqual(HANDLED);
    });

    it('keeps to the order of arrival as soon as messages come in time again', async () => {
      const { sut, clock, late, started, end } = behind();
      void sut.deliver(late({ group: '8' }, 11_000));
      clock.advance(5_000);
      expect(sut.overloaded).toBe(false);
      const events = [late({ seq: '1' }, 0), late({ seq: '2', text: 'chatter' }, 0), late({ seq: '3' }, 0)] as const;
      for (const event of events) void sut.deliver(event);
      for (const event of events) {
        await turn();
        end(event);
      }
      expect(started.slice(1)).toEqual(events.map(({ id }) => id));
    });

    it('does not skip chatter that only waited for its conversation', async () => {
      const { sut, clock, late, end } = behind();
      const [first, chatter] = [late({ seq: '1' }, 0), late({ seq: '2', text: 'chatter' }, 0)];
      void sut.deliver(first);
      const delivered = sut.deliver(chatter);
      await turn();
      clock.advance(90_000);
      end(first);
      await turn();
      end(chatter);
      expect(await delivered).toEqual(HANDLED);
    });
  });

  it('asks for all events of a turn at once, whatever waits before them', async () => {
    const memory = new CountingMemory();
    const { sut, started } = setUp({ memory });
    for (const seq of ['1', '2', '3']) void sut.deliver(said({ seq }));
    await turn();
    expect({ asked: memory.asked.length, started: started.length }).toEqual({ asked: 3, started: 1 });
  });

  it('does not run what another worker settled while this process slept after asking', async () => {
    const clock = new FakeClock();
    const memory = new CountingMemory();
    const { sut, started, end } = setUp({ clock, memory });
    const [first, second] = [said({ seq: '1' }), said({ seq: '2' })];
    void sut.deliver(first);
    const delivered = sut.deliver(second);
    await turn();
    clock.advance(60_000);
    for (const reference of memory.stored.keys()) memory.stored.set(reference, { kind: 'settled', copy: second.id });
    end(first);
    expect(await delivered).toEqual({ result: 'skipped', reason: 'replay' });
    expect(started).toEqual([first.id]);
  });

  it('keeps 100,000 waiting events of one conversation within its bound, and others go on', async () => {
    const { sut, started, settled } = setUp({ perConversation: 2_000 });
    for (let seq = 1; seq <= 100_000; seq++) void sut.deliver(said({ seq: String(seq) }));
    void sut.deliver(said({ seq: '1', group: '8' }));
    await turn();
    expect(settled.filter(([, how]) => 'reason' in how && how.reason === 'overflow')).toHaveLength(98_000);
    expect(started).toEqual([said({ seq: '1' }).id, said({ seq: '1', group: '8' }).id]);
  });
});

class CountingMemory extends MemoryDouble {
  readonly asked: string[] = [];

  override take(
    ...[conversation, reference, copy]: Parameters<MemoryDouble['take']>
  ): ReturnType<MemoryDouble['take']> {
    this.asked.push(reference);
    return super.take(conversation, reference, copy);
  }
}

describe('A message of an envelope', () => {
  const arrived = (events: readonly Event[], spoil = (text: string) => text) => {
    const { json } = writtenEnvelope({ partition: 0, node: nodeId('c-1'), seq: 1, events });
    return readEnvelope(Buffer.from(spoil(Buffer.from(json).toString()))).events;
  };

  it('is read whole when something wants it, and no more of it than its head when nothing does', async () => {
    const { sut, started, end } = setUp();
    const spoil = (text: string) => text.replaceAll(/\n\[.*\]/g, '\n[]');
    const [nothing] = arrived([said({ text: 'nothing' })], spoil);
    expect(nothing && sut.deliver(nothing)).toEqual({ result: 'unmatched' });
    const [wanted] = arrived([said()]);
    const delivered = wanted && sut.deliver(wanted);
    await turn();
    expect(started).toEqual([wanted?.id]);
    if (wanted) end(unfolded(wanted));
    expect(await delivered).toEqual(HANDLED);
  });

  it('that cannot be read has failed with that reason, and the next one is handled', async () => {
    const { sut, started } = setUp();
    const spoil = (text: string) => text.replace(/\n\[.*\]/, '\n[]');
    const [broken, good] = arrived([said({ seq: '1' }), said({ seq: '2' })], spoil);
    const faults: unknown[] = [];
    sut.on('fault', ({ id }, thrown) => faults.push([id, thrown]));
    expect(broken && sut.deliver(broken)).toEqual({ result: 'failed', reason: 'ENVELOPE_INVALID' });
    expect(faults).toEqual([[broken?.id, expect.objectContaining({ code: 'ENVELOPE_INVALID' })]]);
    if (good) void sut.deliver(good);
    await turn();
    expect(started).toEqual([good?.id]);
  });
});
