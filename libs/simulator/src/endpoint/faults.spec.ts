import { describe, expect, it } from '@jest/globals';
import { classify, decodeFrame } from '@rookery/onebot';
import { FakeClock } from '@rookery/testing';
import type { Json } from '../testing/client';
import { useSockets } from '../testing/sockets';
import { GROUP, LIN, SELF } from '../testing/stage';

const hi = { group_id: GROUP, message: [{ type: 'text', data: { text: 'hi' } }] };

/** What the product makes of a reply to a send. */
function outcome(reply: Json): string {
  const decoded = decodeFrame(JSON.stringify(reply));
  if (decoded.kind !== 'reply') throw new Error(`not a reply: ${decoded.kind}`);
  return classify('send_group_msg', { kind: 'replied', reply: decoded.reply }).outcome;
}

describe('scripted faults', () => {
  const sockets = useSockets(FakeClock);
  const delivered = () => sockets.world.directory.group(GROUP).chat.history.length;

  it('drop replies of actions that took effect', async () => {
    const { endpoint, client } = await sockets.attached();
    endpoint.faults.dropReplies(1, 'send_group_msg');
    client.send({ action: 'send_group_msg', params: hi, echo: 'lost' });
    await client.call('send_group_msg', hi);
    expect(client.frames.some((frame) => frame['echo'] === 'lost')).toBe(false);
    expect([delivered(), sockets.world.sent().map((record) => record.echo)]).toEqual([2, ['lost', 'call-1']]);
  });

  it('swallow requests without effect', async () => {
    const { endpoint, client } = await sockets.attached();
    endpoint.faults.swallow(1);
    client.send({ action: 'send_group_msg', params: hi, echo: 'gone' });
    await client.settled();
    expect([delivered(), client.frames.some((frame) => frame['echo'] === 'gone')]).toEqual([0, false]);
  });

  it('delay replies of effects that came at once', async () => {
    const { endpoint, client } = await sockets.attached();
    endpoint.faults.delayReplies(5000, 'send_*', 1);
    client.send({ action: 'send_group_msg', params: hi, echo: 'late' });
    await client.settled();
    expect([delivered(), client.frames.some((frame) => frame['echo'] === 'late')]).toEqual([1, false]);
    sockets.clock.advance(5000);
    expect(outcome(await client.reply('late'))).toBe('sent');
  });

  it.each([
    ['timeoutDelivered', 1],
    ['timeoutUndelivered', 0],
  ] as const)('%s: the text is the same, and the message is in the chat %i times', async (fault, times) => {
    const { endpoint, client } = await sockets.attached();
    endpoint.faults[fault](1);
    const reply = await client.call('send_group_msg', hi);
    expect(reply).toMatchObject({ retcode: 1200, message: expect.stringMatching(/^Timeout: NTEvent .*sendMsg/) });
    expect([delivered(), outcome(reply)]).toEqual([times, 'unknown']);
    expect(outcome(await client.call('send_group_msg', hi))).toBe('sent');
  });

  it('refuse with any text and code', async () => {
    const { endpoint, client } = await sockets.attached();
    endpoint.faults.refuse(1, '风控', 'send_group_msg');
    endpoint.faults.refuse(1, 'no', 'get_status', 1400);
    expect(await client.call('send_group_msg', hi)).toMatchObject({ retcode: 1200, message: '风控', data: null });
    expect(await client.call('get_status')).toMatchObject({ retcode: 1400 });
    expect(delivered()).toBe(0);
  });

  it('are used up in the order in which they were set, and end with clear', async () => {
    const { endpoint, client } = await sockets.attached();
    endpoint.faults.refuse(1, 'first');
    endpoint.faults.refuse(2, 'second');
    endpoint.faults.refuse(0, 'never');
    const texts = [];
    for (let n = 0; n < 2; n++) texts.push((await client.call('get_status'))['message']);
    endpoint.faults.clear();
    texts.push((await client.call('get_status'))['message']);
    expect(texts).toEqual(['first', 'second', '']);
  });

  it('double, lose and delay events', async () => {
    const { endpoint, client } = await sockets.attached();
    endpoint.faults.duplicateEvents(1);
    endpoint.faults.dropEvents(1);
    endpoint.faults.delayEvents(1, 100);
    for (const line of ['double', 'lost', 'late', 'plain']) sockets.world.say(LIN, { group: GROUP }, line);
    await client.settled();
    sockets.clock.advance(100);
    await client.settled();
    const seen = client.frames.filter((frame) => frame['post_type'] === 'message').map((frame) => frame['raw_message']);
    expect(seen).toEqual(['double', 'double', 'plain', 'late']);
    const [one, twin] = client.raw.filter((raw) => raw.includes('double'));
    expect(one).toBe(twin);
  });

  it('lose a delayed event when the process has ended meanwhile', async () => {
    const { endpoint, client } = await sockets.attached();
    endpoint.faults.delayEvents(1, 100);
    sockets.world.say(LIN, { group: GROUP }, 'late');
    endpoint.freeze();
    sockets.clock.advance(100);
    endpoint.thaw();
    await client.settled();
    expect(client.frames.some((frame) => frame['post_type'] === 'message')).toBe(false);
  });

  it('send any text and any bytes', async () => {
    const { endpoint, client } = await sockets.attached();
    endpoint.sendRaw('{"post_type":');
    endpoint.sendRaw(Buffer.from([0xff, 0x00]));
    await client.settled();
    expect(client.raw).toContain('{"post_type":');
    expect(client.raw).toContainEqual(Buffer.from([0xff, 0x00]));
  });
});

describe('an endpoint', () => {
  const sockets = useSockets(FakeClock);

  it('that is frozen answers nothing, not even pings, and carries out what it was sent when it thaws', async () => {
    const { endpoint, client } = await sockets.attached();
    endpoint.freeze();
    endpoint.freeze();
    client.socket.ping();
    client.send({ action: 'send_group_msg', params: hi, echo: 'slept' });
    sockets.world.say(LIN, { group: GROUP }, 'missed');
    sockets.host.add('3889000002');
    const witness = await sockets.dial(sockets.host.url('3889000002'));
    await witness.settled();
    expect([client.pongs, client.frames.some((frame) => frame['echo'] === 'slept')]).toEqual([0, false]);
    endpoint.thaw();
    endpoint.thaw();
    await client.reply('slept');
    await client.until('the pong', () => client.pongs === 1);
    expect(client.frames.some((frame) => frame['raw_message'] === 'missed')).toBe(false);
  });

  it('that is frozen lets new clients wait until it thaws', async () => {
    const { endpoint } = await sockets.attached();
    endpoint.freeze();
    const dialled = sockets.dial(sockets.host.url(SELF));
    const second = sockets.dial(sockets.host.url(SELF), { handshakeTimeout: 30 });
    const impatient = await second;
    expect(endpoint.clients).toHaveLength(1);
    endpoint.thaw();
    expect(await (await dialled).event('meta_event')).toMatchObject({ sub_type: 'connect' });
    expect(impatient.frames).toEqual([]);
  });

  it('that is frozen can still be cut off', async () => {
    const { endpoint, client } = await sockets.attached();
    endpoint.freeze();
    endpoint.terminate();
    await client.until('the close', () => client.closed !== undefined);
    expect(client.closed?.code).toBe(1006);
  });

  it('that is kicked says so once, keeps its sockets, and fails to send', async () => {
    const { endpoint, client } = await sockets.attached();
    endpoint.kick('你的帐号在别处登录');
    expect(await client.event('notice')).toMatchObject({ notice_type: 'bot_offline', message: '你的帐号在别处登录' });
    const reply = await client.call('send_group_msg', hi);
    expect(reply['message']).toContain('1006514');
    expect(await client.call('get_status')).toMatchObject({ data: { online: false, good: true } });
    expect(client.closed).toBeUndefined();
  });

  it('closes with any code', async () => {
    const { endpoint, client } = await sockets.attached();
    endpoint.close(1012, 'restart');
    await client.until('the close', () => client.closed !== undefined);
    expect(client.closed).toEqual({ code: 1012, reason: 'restart' });
    expect(endpoint.listened).toBe(false);
  });

  it('that restarts forgets its ids, is online again and greets anew', async () => {
    const { endpoint, client } = await sockets.attached();
    const { data } = await client.call('send_group_msg', hi);
    endpoint.kick();
    endpoint.restart();
    await client.until('the close', () => client.closed !== undefined);
    const next = await sockets.dial(sockets.host.url(SELF));
    expect(await next.event('meta_event')).toMatchObject({ sub_type: 'connect' });
    expect(await next.call('get_msg', data as Json)).toMatchObject({ retcode: 1200, message: '消息不存在' });
    expect(await next.call('get_status')).toMatchObject({ data: { online: true } });
  });

  it('that is stopped refuses connections until it is started', async () => {
    const { endpoint, client } = await sockets.attached();
    endpoint.stop();
    await client.until('the close', () => client.closed !== undefined);
    const refused = await sockets.dial(sockets.host.url(SELF));
    await refused.until('the refusal', () => refused.closed !== undefined);
    expect(refused.frames).toEqual([]);
    endpoint.start();
    const next = await sockets.dial(sockets.host.url(SELF));
    expect(await next.event('meta_event')).toMatchObject({ sub_type: 'connect' });
  });

  it.each(['set_restart', 'bot_exit'])('ends without a reply on %s', async (action) => {
    const { client } = await sockets.attached();
    client.send({ action, echo: 'end' });
    await client.until('the close', () => client.closed !== undefined);
    expect([client.closed?.code, client.frames.some((frame) => frame['echo'] === 'end')]).toEqual([1006, false]);
  });

  it('emits when clients come and go', async () => {
    const { endpoint, client } = await sockets.attached();
    const gone = new Promise((resolve) => endpoint.once('detached', resolve));
    const [connection] = endpoint.clients;
    client.socket.close();
    expect(await gone).toBe(connection);
  });
});
