import { describe, expect, it } from '@jest/globals';
import { testFleet } from '@rookery/plugin-kit/testing';
import { RequestsPlugin } from './requests.plugin';

const ask = { action: 'ask' };
const start = (superusers = ['9'], accounts = ['10001']) =>
  testFleet({
    plugins: [RequestsPlugin],
    locale: 'en',
    superusers,
    accounts,
    config: { requests: { friend: ask, join: ask, invite: ask } },
  });
type Fleet = Awaited<ReturnType<typeof start>>;
const texts = (said: readonly { readonly text: string }[]) => said.map(({ text }) => text);
const decisions = (fleet: Fleet) => fleet.actions.filter(({ name }) => name.endsWith('_add_request'));

describe('requests that superusers decide', () => {
  it('tells every superuser in private, once', async () => {
    const fleet = await start(['9', '8']);
    await fleet.request('friend', '7', { comment: 'me [CQ:at,qq=all]' });
    expect(fleet.actions.map(({ params }) => params['user_id'])).toEqual(['9', '8']);
    expect(texts(fleet.said)[0]).toBe(
      '7 wants to be a friend of 10001: me [CQ:at,qq=all]\nRequest 1: /approve 1, or /reject 1 reason; within 7 days.',
    );
    expect(decisions(fleet)).toEqual([]);
  });

  it('the answer reaches the request after the worker was killed', async () => {
    const fleet = await start();
    await fleet.request('group.add', '7', { groupId: '100', comment: 'hello' });
    await fleet.request('group.invite', '6', { groupId: '200' });
    await fleet.restart();
    const boss = fleet.user('9');
    expect(texts(await boss.says('/pending'))).toEqual([
      '1. 7 wants to join group 100: hello\n2. 6 invites 10001 into group 200',
    ]);
    expect(texts(await boss.says('/approve 1'))).toEqual(['Request 1 is accepted.']);
    expect(texts(await boss.says('/reject 2 no thanks'))).toEqual(['Request 2 is rejected.']);
    expect(decisions(fleet).map(({ params }) => params)).toMatchObject([
      { flag: 'flag-7', approve: true },
      { flag: 'flag-6', approve: false, reason: 'no thanks' },
    ]);
    expect(texts(await boss.says('/approve 1'))[0]).toContain('There is no request 1');
    expect(texts(await boss.says('/pending'))).toEqual(['No request waits.']);
  });

  it('the account that was asked decides, whichever account is told', async () => {
    const fleet = await start(['9'], ['10001', '10002']);
    await fleet.goOffline('10001');
    await fleet.request('friend', '7');
    await fleet.goOnline('10001');
    await fleet.user('9').says('/reject 1');
    expect(decisions(fleet)).toMatchObject([{ self: '10002', params: { approve: false } }]);
  });

  it('only superusers decide', async () => {
    const fleet = await start();
    await fleet.request('friend', '7');
    expect(texts(await fleet.user('7').says('/approve 1'))[0]).toContain('Only the operators');
    expect(decisions(fleet)).toEqual([]);
  });

  it('what QQ refuses is told and forgotten; what was not sent can be tried again', async () => {
    const fleet = await start();
    await fleet.request('friend', '7');
    const error = { code: 'ACTION_INVALID', message: 'too late' } as const;
    fleet.decide(({ name }) => (name.endsWith('_add_request') ? { outcome: 'not_sent', error } : undefined));
    expect(texts(await fleet.user('9').says('/approve 1'))).toEqual(['That did not work: too late']);
    fleet.decide(({ name }) => (name.endsWith('_add_request') ? { outcome: 'refused', error } : undefined));
    expect(texts(await fleet.user('9').says('/approve 1'))).toEqual(['That did not work: too late']);
    expect(texts(await fleet.user('9').says('/approve 1'))[0]).toContain('There is no request 1');
  });

  it('that nobody could be told is in the log, and the request can be decided all the same', async () => {
    const fleet = await start();
    fleet.decide(() => ({ outcome: 'refused' }));
    await fleet.request('friend', '7');
    expect(fleet.warnings).toEqual([expect.stringContaining('no superuser could be told')]);
    fleet.decide(() => undefined);
    expect(texts(await fleet.user('9').says('/approve 1'))).toEqual(['Request 1 is accepted.']);
  });

  it('a number that is none is answered with the usage, and an old request is not there', async () => {
    const fleet = await start();
    await fleet.request('friend', '7');
    expect(texts(await fleet.user('9').says('/approve first'))[0]).toContain('/approve');
    await fleet.advance('8d');
    expect(texts(await fleet.user('9').says('/approve 1'))[0]).toContain('There is no request 1');
  });
});
