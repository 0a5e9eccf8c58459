import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { useSockets } from '../testing/sockets';
import { GROUP, LIN, SELF, stage } from '../testing/stage';

const hi = [{ type: 'text', data: { text: 'hi' } }];
const violations = (sockets: ReturnType<typeof useSockets>) => sockets.world.audit.violations.map(({ text }) => text);

describe('replies', () => {
  const sockets = useSockets(FakeClock);

  it.each([0, 7, 'x', { a: [1] }, [1, { b: null }], true])('bring the echo %j back unchanged', async (echo) => {
    const { client } = await sockets.attached();
    client.send({ action: 'get_version_info', echo });
    const reply = await client.frame('the reply', (frame) => JSON.stringify(frame['echo']) === JSON.stringify(echo));
    expect(reply).toEqual({
      status: 'ok',
      retcode: 0,
      data: { app_name: 'NapCat.Onebot', protocol_version: 'v11', app_version: '4.18.19' },
      message: '',
      wording: '',
      echo,
      stream: 'normal-action',
    });
  });

  it.each([
    ['a known action', 'get_status', ''],
    ['an unknown action', 'nope', null],
  ])('to %s without echo carry %j as echo', async (_, action, echo) => {
    const { client } = await sockets.attached();
    client.send({ action });
    await client.until('the reply', () => client.frames.length === 2);
    expect(client.frames[1]).toHaveProperty('echo', echo);
  });

  it('lack the data key where the handler returns nothing, and carry null where it returns null', async () => {
    const { client } = await sockets.attached();
    expect(await client.call('nc_get_packet_status')).not.toHaveProperty('data');
    expect(await client.call('set_group_kick', { group_id: GROUP, user_id: '5' })).toHaveProperty('data', null);
  });

  it('treat the suffixes as plain aliases', async () => {
    const { client } = await sockets.attached();
    for (const suffix of ['_async', '_rate_limited']) {
      const reply = await client.call(`send_group_msg${suffix}`, { group_id: GROUP, message: hi });
      expect(reply).toMatchObject({ status: 'ok', data: { message_id: expect.any(Number) } });
    }
    expect(sockets.world.sent({ action: 'send_group_msg' })).toHaveLength(2);
  });

  it('overtake each other when actions differ in cost', async () => {
    const costMs = (action: string) => (action === 'send_group_msg' ? 50 : 0);
    const { client } = await sockets.attached({ costMs });
    client.send({ action: 'send_group_msg', params: { group_id: GROUP, message: hi }, echo: 'slow' });
    client.send({ action: 'get_login_info', echo: 'fast' });
    await client.reply('fast');
    expect(sockets.world.sent()).toHaveLength(1);
    expect(client.frames.some((frame) => frame['echo'] === 'slow')).toBe(false);
    sockets.clock.advance(50);
    await client.reply('slow');
  });

  it('come as several frames with one echo from stream actions', async () => {
    const { client } = await sockets.attached();
    client.send({ action: 'test_download_stream', echo: 's' });
    const isLast = (frame: object) => JSON.stringify(frame).includes('data_complete');
    await client.frame('the last frame', isLast);
    const frames = client.frames.filter((frame) => frame['echo'] === 's');
    expect(frames.map((frame) => frame['stream'])).toEqual(Array.from({ length: 11 }, () => 'stream-action'));
  });

  it('are lost when the socket closes before them; the action took effect', async () => {
    const { client, endpoint } = await sockets.attached({ costMs: () => 50 });
    client.send({ action: 'send_group_msg', params: { group_id: GROUP, message: hi }, echo: 1 });
    await new Promise((resolve) => sockets.world.audit.once('sent', resolve));
    endpoint.terminate();
    await client.until('the close', () => client.closed !== undefined);
    sockets.clock.advance(50);
    expect(client.frames.filter((frame) => frame['echo'] === 1)).toEqual([]);
  });
});

describe('frames that are not proper requests', () => {
  const sockets = useSockets(FakeClock);

  it.each([
    ['broken JSON', '{"action":', 1400, 'frame is not JSON'],
    ['null', 'null', 1400, 'frame is null'],
    ['an array', '[]', 1404, 'frame is an array'],
  ])('%s is answered with %i', async (_, frame, retcode, complaint) => {
    const { client } = await sockets.attached();
    client.send(frame);
    expect(await client.frame('the reply', (reply) => reply['retcode'] === retcode)).toMatchObject({
      echo: null,
      data: null,
    });
    expect(violations(sockets)).toEqual([complaint]);
  });

  it.each(['7', '"text"', 'true'])('%s is not answered at all', async (frame) => {
    const { client } = await sockets.attached();
    client.send(frame);
    await client.call('get_login_info');
    expect(client.frames).toHaveLength(2);
    expect(violations(sockets)).toEqual([`frame is a bare ${typeof JSON.parse(frame)}`]);
  });

  it('JSON5 is understood, and noted', async () => {
    const { client } = await sockets.attached();
    client.send("{action: 'get_status', /* why not */ echo: 'five',}");
    await client.reply('five');
    expect(violations(sockets)).toEqual(['frame is JSON5 but not JSON']);
  });

  it('an unknown action is answered with 1404 and its name', async () => {
    const { client } = await sockets.attached();
    expect(await client.call('send_guild_msg')).toMatchObject({ retcode: 1404, message: '不支持的API send_guild_msg' });
    client.send([]);
    expect(await client.frame('the reply', (frame) => frame['echo'] === null)).toMatchObject({
      message: '不支持的API undefined',
    });
  });

  it('bad parameters are answered with 1400 and noted with the action’s name', async () => {
    const { client } = await sockets.attached();
    expect(await client.call('set_group_card', { group_id: GROUP, user_id: {}, crad: 'x' })).toMatchObject({
      status: 'failed',
      retcode: 1400,
    });
    expect(violations(sockets)).toEqual([
      'set_group_card: parameter user_id has the wrong type',
      'set_group_card: unknown parameter crad',
    ]);
  });

  it('parameters that are no object count as none, and are noted', async () => {
    const { client } = await sockets.attached();
    client.send({ action: 'get_status', params: 'x', echo: 'p' });
    expect(await client.reply('p')).toMatchObject({ status: 'ok' });
    expect(violations(sockets)).toEqual(['params is not an object']);
  });

  it('a message given as a string is sent by NapCat and noted', async () => {
    const { client } = await sockets.attached();
    expect(await client.call('send_private_msg', { user_id: LIN, message: 'hi' })).toMatchObject({ status: 'ok' });
    expect(sockets.world.audit.violations).toMatchObject([
      { self: SELF, text: 'send_private_msg: message is a string; only segment arrays are safe' },
    ]);
  });
});

describe('the audit', () => {
  it('filters by account, group, person and action', () => {
    const { audit } = stage(FakeClock).world;
    const record = (self: string, more: object) =>
      audit.record({ self, action: 'send_msg', params: {}, at: 1, connection: 1, echo: '', ...more });
    record('1', { groupId: 'g' });
    record('2', { groupId: 'g' });
    record('2', { userId: 'u', action: 'send_like' });
    const count = (filter: object) => audit.sent(filter).length;
    expect([
      count({}),
      count({ self: '2' }),
      count({ group: 'g' }),
      count({ user: 'u' }),
      count({ action: 'send_like' }),
      count({ self: '1', user: 'u' }),
    ]).toEqual([3, 2, 2, 1, 1, 0]);
  });

  it('tells listeners until they have enough', () => {
    const { world } = stage(FakeClock);
    const heard: string[] = [];
    const off = world.onSent((record) => heard.push(record.action));
    const record = { self: '1', action: 'a', params: {}, at: 1, connection: 1, echo: '' };
    world.audit.record(record);
    off();
    world.audit.record(record);
    expect([heard, world.audit.sentTotal]).toEqual([['a'], 2]);
  });

  it('keeps the newest records of a long run', () => {
    const { audit } = stage(FakeClock).world;
    for (let at = 0; at <= 220_000; at++)
      audit.record({ self: '1', action: 'a', params: {}, at, connection: 1, echo: '' });
    const kept = audit.sent();
    expect([kept.length, kept.at(-1)?.at, audit.sentTotal]).toEqual([200_000, 220_000, 220_001]);
  });
});
