import { beforeEach, describe, expect, it } from '@jest/globals';
import { actionId, selfId, type Action, type ActionResult } from '@rookery/protocol';
import { ActionClaims, type Redis } from '@rookery/redis';
import { withTestRedis } from '@rookery/testing';
import { LostClaims } from './lost-claims';
import type { Claims } from './ports';

const action: Action = {
  v: 1,
  id: actionId('a1'),
  self: selfId('10001'),
  name: 'send_private_msg',
  params: { user_id: '7', message: [] },
  lane: 'normal',
  createdAt: 0,
  expiresAt: 60_000,
  origin: { plugin: 'test' },
};
const expired: ActionResult = { id: action.id, self: action.self, outcome: 'not_sent', endedAt: 1 };
const answerLost = new Error('Command timed out');

let redis: Redis;
let stored: ActionClaims;
/** Calls whose answer gets lost: before Redis has heard of them, or after it has carried them out. */
let losses: ('none' | 'before' | 'after')[];
let sut: Claims;
withTestRedis(
  (connected) => {
    redis = connected;
  },
  { use: 'consumer' },
);
beforeEach(async () => {
  stored = new ActionClaims(redis);
  losses = [];
  sut = new LostClaims().guard(behindALossyWay());
});

function behindALossyWay(): Claims {
  const lossy = async <T>(call: () => Promise<T>): Promise<T> => {
    const loss = losses.shift();
    if (loss === 'before') throw answerLost;
    const answer = await call();
    if (loss === 'after') throw answerLost;
    return answer;
  };
  return {
    claim: (...asked) => lossy(() => stored.claim(...asked)),
    endUnbegun: (...asked) => lossy(() => stored.endUnbegun(...asked)),
    release: (...asked) => lossy(() => stored.release(...asked)),
    record: (...asked) => stored.record(...asked),
  };
}

describe('a claim whose answer was lost', () => {
  it.each(['before', 'after'] as const)('%s Redis took it is taken by the next call', async (loss) => {
    losses = [loss];
    await expect(sut.claim(action, 5)).rejects.toThrow(answerLost);
    expect(await sut.claim(action, 5)).toEqual({ kind: 'taken' });
    // Taken once: whoever asks now finds it open.
    expect(await stored.claim(action, 5)).toEqual({ kind: 'open' });
  });

  it('is taken at last, however many answers are lost and of which calls', async () => {
    losses = ['after', 'before', 'after'];
    await expect(sut.claim(action, 5)).rejects.toThrow(answerLost);
    await expect(sut.claim(action, 5)).rejects.toThrow(answerLost);
    await expect(sut.claim(action, 5)).rejects.toThrow(answerLost);
    expect(await sut.claim(action, 5)).toEqual({ kind: 'taken' });
  });

  it.each(['before', 'after'] as const)('is taken also when the giving back is lost, %s Redis did it', async (loss) => {
    losses = ['after'];
    await expect(sut.claim(action, 5)).rejects.toThrow(answerLost);
    // That the claim is open is heard, what came of the release is not; and the account has been lost and gained meanwhile.
    losses = ['none', loss];
    await expect(sut.claim(action, 6)).rejects.toThrow(answerLost);
    expect(await sut.claim(action, 7)).toEqual({ kind: 'taken' });
  });

  it('under an epoch that ended meanwhile is taken under the new one', async () => {
    losses = ['after'];
    await expect(sut.claim(action, 5)).rejects.toThrow(answerLost);
    expect(await sut.claim(action, 6)).toEqual({ kind: 'taken' });
  });

  it('expires as never begun', async () => {
    losses = ['after'];
    await expect(sut.claim(action, 5)).rejects.toThrow(answerLost);
    expect(await sut.endUnbegun(expired)).toEqual(expired);
    expect(await stored.find(action.self, action.id)).toEqual(expired);
  });

  it('stands once another holder has said that its outcome is unknown', async () => {
    losses = ['after'];
    await expect(sut.claim(action, 5)).rejects.toThrow(answerLost);
    const unknown: ActionResult = { ...expired, outcome: 'unknown' };
    await stored.record(unknown);
    expect(await sut.claim(action, 7)).toEqual({ kind: 'ended', result: unknown });
  });
});

describe('a claim that was answered', () => {
  it('is never given back: what may have been sent is not sent again', async () => {
    losses = ['before'];
    await expect(sut.claim(action, 5)).rejects.toThrow(answerLost);
    expect(await sut.claim(action, 5)).toEqual({ kind: 'taken' });
    // It was sent, and its outcome could not be recorded: the job comes again.
    expect(await sut.claim(action, 5)).toEqual({ kind: 'open' });
    expect(await sut.endUnbegun(expired)).toBeUndefined();
  });

  it('of a process that died is not given back', async () => {
    await stored.claim(action, 4);
    expect(await sut.claim(action, 5)).toEqual({ kind: 'open' });
    expect(await sut.endUnbegun(expired)).toBeUndefined();
  });
});
