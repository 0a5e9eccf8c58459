import { describe, expect, it } from '@jest/globals';
import type { MessageEvent, Segment } from '@rookery/protocol';
import { References } from './references';
import { said, type Said } from './spec-stage';

const START = Date.UTC(2026, 0, 1);
const bare = (
  account: string,
  change: Said & { id?: string; time?: number; segments?: Segment[] } = {},
): MessageEvent =>
  ({
    ...said({ account, seq: null, ...change }),
    id: `m.${account}.${change.id ?? '1'}`,
    ...rest(change),
  }) as MessageEvent;
const rest = ({ time, segments }: { time?: number; segments?: Segment[] }) => ({
  ...(time !== undefined && { time }),
  ...(segments && { segments }),
});

describe('References', () => {
  it('knows a group message by its sequence number, whatever else differs', () => {
    const sut = new References();
    const [a, b] = [sut.of(said({ account: '1', text: 'x' })), sut.of(said({ account: '2', text: 'y' }))];
    expect(a).toEqual({ key: 'group:default:7.s1', shared: true });
    expect(b).toEqual(a);
    expect(sut.of(said({ group: '8' })).key).not.toBe(a.key);
  });

  it.each<[string, Parameters<typeof bare>[1]]>([
    ['the sender', { from: '99' }],
    ['the second', { time: START + 1_000 }],
    ['the text', { text: 'y' }],
    ['the group', { group: '8' }],
    ['a mention', { at: '5' }],
    [
      'a picture',
      {
        segments: [
          { type: 'text', data: { text: 'x' } },
          { type: 'image', data: {} },
        ],
      },
    ],
    ['a face', { segments: [{ type: 'face', data: { id: '1' } }] }],
  ])('without a number tells messages apart by %s', (_name, change) => {
    const sut = new References();
    expect(sut.of(bare('2', change)).key).not.toBe(sut.of(bare('1')).key);
  });

  it.each<[string, Segment]>([
    ['addresses in the text', { type: 'text', data: { text: 'see https://x/?rkey=@ there' } }],
    ['addresses of pictures', { type: 'image', data: { url: 'https://x/?rkey=@', file: '@' } }],
  ])('without a number does not mind that %s differ', (_name, segment) => {
    const sut = new References();
    const ofAccount = (account: string) => JSON.parse(JSON.stringify(segment).replaceAll('@', account)) as Segment;
    const keys = ['1', '2'].map((account) => sut.of(bare(account, { segments: [ofAccount(account)] })).key);
    expect(keys[0]).toBe(keys[1]);
  });

  it('pairs equal messages of one second by their order, and a replay with itself', () => {
    const sut = new References();
    const key = (account: string, id: string) => sut.of(bare(account, { id })).key;
    const [first, second] = [key('1', '1'), key('1', '2')];
    expect(second).not.toBe(first);
    expect([key('2', '8'), key('2', '9'), key('1', '1'), key('2', '9')]).toEqual([first, second, first, second]);
    expect([first, second]).not.toContain(key('2', '10'));
  });

  it('remembers a bounded number of them', () => {
    const sut = new References();
    const first = sut.of(bare('1', { text: 'first' })).key;
    for (let n = 0; n < 64; n++) sut.of(bare('1', { id: String(n + 2), text: String(n) }));
    expect(sut.of(bare('2', { text: 'first' })).key).not.toBe(first);
  });
});
