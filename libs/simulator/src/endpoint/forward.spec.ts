import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { seededRandom } from '../random';
import { Client, type Json } from '../testing/client';
import { World } from '../world/world';
import { EndpointHost } from './endpoint-host';

const SELF = '3889000001';
const OTHER = '3889000002';
const LIN = '1500000021';
const GROUP = '712345678';

describe('forward endpoints', () => {
  let clock: FakeClock;
  let world: World;
  let host: EndpointHost;
  const clients: Client[] = [];

  beforeEach(async () => {
    clock = new FakeClock();
    world = new World({ clock, random: seededRandom(7) });
    world.directory.addAccount(SELF, '小助手');
    world.directory.addAccount(OTHER, '值日生');
    world.directory.addUser(LIN, 'Lin');
    world.directory.addGroup(GROUP, '晚风小组');
    world.directory.join(GROUP, LIN, { role: 'owner', card: '值日生 Lin' });
    for (const self of [SELF, OTHER]) {
      world.directory.join(GROUP, self);
      world.directory.befriend(self, LIN);
    }
    host = new EndpointHost({ world, clock });
    await host.listen();
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.socket.terminate();
    await host.close();
  });

  const dial = async (url: string, options = {}) => {
    const client = await Client.dial(url, options);
    clients.push(client);
    return client;
  };

  it('greets with lifecycle connect before anything else', async () => {
    host.add(SELF);
    const client = await dial(host.url(SELF));
    await client.settled();
    expect(client.frames[0]).toEqual({
      time: Math.floor(clock.now() / 1000),
      self_id: 3889000001,
      post_type: 'meta_event',
      meta_event_type: 'lifecycle',
      sub_type: 'connect',
    });
  });

  it('gives each account its own message_id and the same real_seq for one group message', async () => {
    host.add(SELF);
    host.add(OTHER);
    const [one, two] = [await dial(host.url(SELF)), await dial(host.url(OTHER))];
    await one.settled();
    await two.settled();
    world.say(LIN, { group: GROUP }, '在吗 [1]');
    const [first, second] = [await one.event('message'), await two.event('message')];
    expect(first['real_seq']).toBe(second['real_seq']);
    expect(first['message_id']).not.toBe(second['message_id']);
    expect(first['raw_message']).toBe('在吗 &#91;1&#93;');
  });

  it('answers a send with the message_id and lets the other account see the message', async () => {
    host.add(SELF);
    host.add(OTHER);
    const [one, two] = [await dial(host.url(SELF)), await dial(host.url(OTHER))];
    await two.settled();
    const message = [{ type: 'text', data: { text: 'pong' } }];
    const reply = await one.call('send_group_msg', { group_id: Number(GROUP), message });
    expect(reply).toMatchObject({ status: 'ok', retcode: 0, message: '', wording: '', stream: 'normal-action' });
    const copy = await two.event('message');
    expect(copy).toMatchObject({ user_id: 3889000001, message });
    const sent = world.sent({ group: GROUP });
    expect(sent).toMatchObject([{ self: SELF, action: 'send_group_msg', text: 'pong', seq: copy['real_seq'] }]);
    expect(sent[0]?.messageId).toBe((reply['data'] as Json)['message_id']);
    expect(world.audit.violations).toEqual([]);
  });

  it('lets a wrong token in, says 1403 and closes without a code', async () => {
    host.add(SELF, { token: 'right' });
    const client = await dial(host.url(SELF), { headers: { Authorization: 'Bearer wrong' } });
    await client.until('the close', () => client.closed !== undefined);
    expect(client.raw).toEqual([
      '{"status":"failed","retcode":1403,"data":null,"message":"token验证失败","wording":"token验证失败","echo":null,"stream":"normal-action"}',
    ]);
    expect(client.closed).toEqual({ code: 1005, reason: '' });
  });
});
