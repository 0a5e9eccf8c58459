import { get } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { Client } from '../testing/client';
import { useSockets } from '../testing/sockets';
import { GROUP, LIN, OTHER, SELF, WEN } from '../testing/stage';
import { EndpointHost } from './endpoint-host';

const text = (line: string) => ({ type: 'text', data: { text: line } });

describe('the forward server', () => {
  const sockets = useSockets(FakeClock);

  it('greets with lifecycle connect before anything else', async () => {
    const { client } = await sockets.attached();
    expect(client.frames[0]).toEqual({
      time: Math.floor(sockets.clock.now() / 1000),
      self_id: Number(SELF),
      post_type: 'meta_event',
      meta_event_type: 'lifecycle',
      sub_type: 'connect',
    });
  });

  it.each(['/', '/event', '/anything'])('has events and actions on path %s', async (path) => {
    const { client } = await sockets.attached({}, path);
    sockets.world.say(LIN, { group: GROUP }, 'hi');
    expect(await client.event('message')).toMatchObject({ raw_message: 'hi' });
  });

  it.each(['/api', '/api/'])('has neither greeting nor events on path %s', async (path) => {
    const { client } = await sockets.attached({}, path);
    sockets.world.say(LIN, { group: GROUP }, 'hi');
    await client.settled();
    expect(client.frames.filter((frame) => 'post_type' in frame)).toEqual([]);
  });

  it('sends every event to every client and replies only to the one that asked', async () => {
    const { client } = await sockets.attached();
    const second = await sockets.dial(sockets.host.url(SELF));
    await second.call('get_login_info');
    sockets.world.say(LIN, { group: GROUP }, 'hi');
    const copies = await Promise.all([client.event('message'), second.event('message')]);
    expect(copies[0]).toEqual(copies[1]);
    const replies = (at: Client) =>
      at.frames.filter((frame) => (frame['data'] as object | undefined)?.hasOwnProperty('nickname'));
    expect([replies(client).length, replies(second).length]).toEqual([0, 1]);
  });

  it('neither buffers nor replays what happened without a client', async () => {
    sockets.host.add(SELF);
    sockets.world.say(LIN, { group: GROUP }, 'missed');
    const client = await sockets.dial(sockets.host.url(SELF));
    await client.settled();
    expect(client.frames.map((frame) => frame['post_type'] ?? 'reply')).toEqual(['meta_event', 'reply']);
  });

  it('lets each account see the same group message once, and the sender not at all', async () => {
    const { client } = await sockets.attached();
    sockets.host.add(OTHER);
    const other = await sockets.dial(sockets.host.url(OTHER));
    await other.settled();
    const reply = await client.call('send_group_msg', { group_id: GROUP, message: [text('pong')] });
    const copy = await other.event('message');
    expect(copy).toMatchObject({ user_id: Number(SELF), message: [text('pong')] });
    expect(sockets.world.sent({ group: GROUP })).toMatchObject([
      { self: SELF, action: 'send_group_msg', text: 'pong', seq: copy['real_seq'], at: sockets.clock.now() },
    ]);
    expect(sockets.world.sent()[0]?.messageId).toBe((reply['data'] as { message_id: number }).message_id);
    expect(client.frames.filter((frame) => frame['post_type'] === 'message_sent')).toEqual([]);
    expect(sockets.world.audit.violations).toEqual([]);
  });

  it('reports own messages when told to', async () => {
    const { client } = await sockets.attached({ reportSelf: true });
    const reply = await client.call('send_private_msg', { user_id: LIN, message: [text('在的')] });
    expect(await client.event('message_sent')).toMatchObject({
      ...(reply['data'] as object),
      message_sent_type: 'self',
      target_id: Number(LIN),
    });
  });

  it('writes messages as strings when told to', async () => {
    const { client } = await sockets.attached({ format: 'string' });
    sockets.world.say(LIN, { group: GROUP }, [{ type: 'at', data: { qq: WEN } }]);
    expect(await client.event('message')).toMatchObject({ message: `[CQ:at,qq=${WEN}]`, message_format: 'string' });
  });

  it('can serve one account alone on a port of its own', async () => {
    sockets.host.add(SELF);
    const client = await sockets.dial(await sockets.host.serveAlone(SELF));
    expect(await client.call('get_login_info')).toMatchObject({ data: { user_id: Number(SELF), nickname: '小助手' } });
    expect(client.frames[0]).toMatchObject({ sub_type: 'connect' });
  });

  it('refuses paths of no account, and requests that are no upgrade', async () => {
    sockets.host.add(SELF);
    const url = sockets.host.url(SELF);
    for (const path of [url.replace(SELF, '5'), url.replace(`/${SELF}`, '/x')]) {
      const client = await sockets.dial(path);
      await client.until('the refusal', () => client.closed !== undefined);
      expect(client.closed?.code).toBe(1006);
    }
    const status = await new Promise((resolve) =>
      get(url.replace('ws', 'http'), (response) => resolve(response.statusCode)),
    );
    expect(status).toBe(426);
  });

  it('takes a frame of more than 50 MiB for a reason to close with 1009', async () => {
    const { client } = await sockets.attached();
    client.socket.send(Buffer.alloc(50 * 1024 * 1024 + 1));
    await client.until('the close', () => client.closed !== undefined);
    expect(client.closed?.code).toBe(1009);
  });

  it('answers pings and never pings', async () => {
    const { client } = await sockets.attached();
    let pinged = 0;
    client.socket.on('ping', () => (pinged += 1));
    client.socket.ping();
    await client.until('the pong', () => client.pongs === 1);
    expect(pinged).toBe(0);
  });
});

describe('the token', () => {
  const sockets = useSockets(FakeClock);
  const bearer = (token: string) => ({ headers: { Authorization: token } });

  it.each([
    ['as bearer', '', bearer('Bearer right')],
    ['bare in the header', '', bearer('right')],
    ['in the query', '?access_token=right', {}],
    ['in the query beside a wrong header', '?access_token=right', bearer('Bearer wrong')],
    ['in the header beside an empty query', '?access_token=', bearer('Bearer right')],
  ])('is taken %s', async (_, query, options) => {
    sockets.host.add(SELF, { token: 'right' });
    const client = await sockets.dial(`${sockets.host.url(SELF)}${query}`, options);
    expect(await client.event('meta_event')).toMatchObject({ sub_type: 'connect' });
  });

  it.each([
    ['missing', '', {}],
    ['wrong', '', bearer('Bearer wrong')],
    ['wrong in the query beside a right header', '?access_token=wrong', bearer('Bearer right')],
  ])('that is %s opens the socket, gets one 1403 frame and a close without code', async (_, query, options) => {
    const endpoint = sockets.host.add(SELF, { token: 'right' });
    const client = await sockets.dial(`${sockets.host.url(SELF)}${query}`, options);
    await client.until('the close', () => client.closed !== undefined);
    expect(client.raw).toEqual([
      '{"status":"failed","retcode":1403,"data":null,"message":"token验证失败","wording":"token验证失败","echo":null,"stream":"normal-action"}',
    ]);
    expect(client.closed).toEqual({ code: 1005, reason: '' });
    expect(endpoint.clients).toEqual([]);
  });
});

describe('EndpointHost', () => {
  const sockets = useSockets(FakeClock);

  it('has one endpoint per account and names what is missing', () => {
    sockets.host.add(SELF);
    expect(() => sockets.host.add(SELF)).toThrow(`account ${SELF} has an endpoint already`);
    expect(() => sockets.host.endpoint(OTHER)).toThrow(`account ${OTHER} has no endpoint`);
    expect(() => sockets.host.add(LIN)).toThrow(`no such account: ${LIN}`);
    expect([...sockets.host.all].map((endpoint) => endpoint.self)).toEqual([SELF]);
  });

  it('has no address before it listens, and says when the port is taken', async () => {
    const other = new EndpointHost({ world: sockets.world, clock: sockets.clock });
    expect(() => other.url(SELF)).toThrow('call listen() first');
    sockets.host.add(SELF);
    const port = Number(new URL(sockets.host.url(SELF)).port);
    await expect(other.listen(port)).rejects.toThrow('EADDRINUSE');
    await other.close();
  });
});
