import { describe, expect, it } from '@jest/globals';
import { partitionOf, type Event } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import type { EventMemory } from './event-memory';
import { HANDLED, inGroup, MemoryDouble, PARTITIONS, said, stage, turn, type StageOptions } from './spec-stage';

const WITHDRAWN = { result: 'withdrawn' };
const partition = partitionOf(inGroup('7'), PARTITIONS);
const elsewhere =
  ['8', '9', '10', '11', '12'].find((group) => partitionOf(inGroup(group), PARTITIONS) !== partition) ?? '';

function setUp(options: Partial<StageOptions> = {}) {
  const clock = new FakeClock();
  return { clock, ...stage({ clock, ...options }) };
}
const messages = (...seqs: string[]): Event[] => seqs.map((seq) => said({ seq }));

describe('Events of a partition that goes to another worker', () => {
  it('go there unless they have begun: these are settled here, and the others are never begun', async () => {
    const { sut, started, end } = setUp();
    const [first, ...others] = messages('1', '2', '3') as [Event, Event, Event];
    const begun = sut.deliver(first);
    const waiting = others.map(async (event) => sut.deliver(event));
    await turn();
    sut.withdraw(partition);
    expect(await Promise.all(waiting)).toEqual([WITHDRAWN, WITHDRAWN]);
    end(first);
    expect(await begun).toEqual(HANDLED);
    await turn();
    expect([started, sut.backlog]).toEqual([[first.id], 0]);
  });

  it('leave those of other partitions alone', async () => {
    const { sut, started, end } = setUp();
    const [first, second] = [said({ group: elsewhere, seq: '1' }), said({ group: elsewhere, seq: '2' })];
    for (const event of [first, second]) void sut.deliver(event);
    await turn();
    sut.withdraw(partition);
    end(first);
    await turn();
    expect(started).toEqual([first.id, second.id]);
  });

  it('are handled in their turn when they come again, because the partition came back', async () => {
    const { sut, started, end } = setUp();
    const [first, second] = messages('1', '2') as [Event, Event];
    void sut.deliver(first);
    void sut.deliver(second);
    await turn();
    sut.withdraw(partition);
    const again = sut.deliver(second);
    end(first);
    await turn();
    end(second);
    expect([await again, started]).toEqual([HANDLED, [first.id, second.id]]);
  });

  it('wait for no copy any more, and nobody is told that one answers', async () => {
    const { sut, started, clock, kept } = setUp({ instant: true });
    const waits: boolean[] = [];
    sut.on('waited', (_event, came) => waits.push(came));
    await sut.deliver(said({ account: '10001', seq: '1' }));
    const early = ['10002', '10003'].map(async (account) => sut.deliver(said({ account, seq: '2' })));
    await turn();
    expect(clock.pending).toBe(1);
    sut.withdraw(partition);
    expect(await Promise.all(early)).toEqual([WITHDRAWN, WITHDRAWN]);
    await clock.advanceAsync(5_000);
    expect({ started: started.length, pending: clock.pending, waits, backlog: sut.backlog }).toEqual({
      started: 1,
      pending: 0,
      waits: [],
      backlog: 0,
    });
    expect([...kept.values()]).toEqual(['10001']);
  });

  it('are not chosen from when Redis tells only then who answers in the group', async () => {
    let tell = (): void => undefined;
    const load = () => new Promise<undefined>((resolve) => (tell = () => resolve(undefined)));
    const { sut, started, clock, kept } = setUp({ assignment: { store: { load, save: async () => undefined } } });
    const delivered = sut.deliver(said());
    sut.withdraw(partition);
    tell();
    expect(await delivered).toEqual(WITHDRAWN);
    await turn();
    expect([started, kept.size, clock.pending, sut.backlog]).toEqual([[], 0, 0, 0]);
  });

  it.each([
    ['is still asked for the first time', 0],
    ['is asked again, since its answer is old', 1],
  ])('are not begun when they are withdrawn while the memory %s', async (_when, before) => {
    const memory = new MemoryDouble();
    const { sut, started, end, clock } = setUp({ memory });
    const [first, second] = messages('1', '2') as [Event, Event];
    if (before > 0) void sut.deliver(first);
    const answers: (() => void)[] = [];
    const hold: EventMemory['take'] = () => new Promise((resolve) => answers.push(() => resolve({ kind: 'new' })));
    if (before === 0) memory.take = hold;
    const delivered = sut.deliver(second);
    await turn();
    if (before > 0) {
      memory.take = hold;
      clock.advance(60_000);
      end(first);
      await turn();
    }
    expect(answers).toHaveLength(1);
    sut.withdraw(partition);
    for (const answer of answers) answer();
    expect(await delivered).toEqual(WITHDRAWN);
    await turn();
    expect([started, answers.length, sut.backlog]).toEqual([before > 0 ? [first.id] : [], 1, 0]);
  });
});
