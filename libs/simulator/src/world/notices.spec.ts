import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { fixture, GROUP, LIN, listen, OTHER, SELF, shapeOf, stage, WEN, type EventExample } from '../testing/stage';
import type { World } from './world';

const said = (world: World) => world.say(LIN, { group: GROUP }, '一');
const tip = { align: 'center', items: [{ txt: '伪造的提示', type: 'nor' }] };

/** How each notice and request that NapCat emits comes about. */
const MAKERS: Record<string, (world: World) => void> = {
  'notice.group_upload': ({ notices }) => notices.upload(GROUP, LIN, { id: '5d1c', name: '值班表.xlsx', size: 18233 }),
  'notice.group_admin': ({ notices }) => notices.admin(GROUP, WEN, true),
  'notice.group_decrease': ({ notices }) => notices.decrease(GROUP, WEN, LIN, 'kick'),
  'notice.group_increase': ({ notices }) => notices.increase(GROUP, WEN, LIN),
  'notice.group_ban': ({ notices }) => notices.ban(GROUP, WEN, LIN, 600),
  'notice.group_recall': (world) => world.recall(said(world), LIN),
  'notice.friend_recall': (world) => world.recall(world.say(LIN, { private: SELF }, '一'), LIN),
  'notice.friend_add': ({ notices }) => notices.friendAdd(SELF, WEN),
  'notice.notify.poke.group': ({ notices }) => notices.groupPoke(GROUP, LIN, SELF),
  'notice.notify.poke.private': ({ notices }) => notices.privatePoke(SELF, LIN, LIN),
  'notice.notify.title': ({ notices }) => notices.title(GROUP, WEN, '气象台长'),
  'notice.notify.group_name': ({ notices }) => notices.rename(GROUP, LIN, '晚风小组（新）'),
  'notice.notify.input_status': ({ notices }) => notices.inputStatus(SELF, LIN),
  'notice.notify.profile_like': ({ notices }) => notices.profileLike(SELF, LIN, 10),
  'notice.notify.gray_tip': (world) => world.notices.grayTip(said(world), tip),
  'notice.group_card': ({ notices }) => notices.card(GROUP, LIN, 'Lin'),
  'notice.essence': (world) => world.notices.essence(said(world), LIN),
  'notice.group_msg_emoji_like': (world) => world.notices.emojiLike(said(world), LIN, '76', true),
  'notice.bot_offline': ({ notices }) => notices.botOffline(SELF),
  'notice.online_file_send': ({ notices }) => notices.onlineFileSend(SELF, LIN, 'receive'),
  'notice.online_file_receive': ({ notices }) => notices.onlineFileCancel(SELF, LIN),
  'request.friend': ({ requests }) => requests.friend(SELF, WEN, '我是阿文'),
  'request.group.add': (world) => {
    world.notices.admin(GROUP, SELF, true);
    world.requests.groupAdd(GROUP, WEN, '问题：口令\n答案：晚风');
  },
  'request.group.invite': ({ requests }) => requests.groupInvite(SELF, GROUP, LIN),
};

const examples = Object.values(fixture<Record<string, EventExample>>('events.json')).filter(
  ({ id, emitted_by_napcat }) => emitted_by_napcat && /^(notice|request)/.test(id),
);

describe('notices and requests', () => {
  it.each(examples.map((example) => [example.id, example] as const))(
    '%s has NapCat’s fields, types and order',
    (id, { example }) => {
      const { world } = stage(FakeClock);
      const frames = listen(world, SELF);
      MAKERS[id]?.(world);
      expect(shapeOf(frames.at(-1))).toEqual(shapeOf(example));
    },
  );

  it('names the author of a recall and each account’s own message_id', () => {
    const { world } = stage(FakeClock);
    const [one, two] = [listen(world, SELF), listen(world, OTHER)];
    world.recall(said(world), LIN);
    for (const [message, recall] of [one, two]) {
      expect(recall).toMatchObject({ notice_type: 'group_recall', message_id: message?.['message_id'] });
    }
    expect(one[1]?.['message_id']).not.toBe(two[1]?.['message_id']);
  });

  it('tells the kicked account that it was itself, and takes it out of the group', () => {
    const { world } = stage(FakeClock);
    const [one, two] = [listen(world, SELF), listen(world, OTHER)];
    world.notices.decrease(GROUP, SELF, LIN, 'kick');
    world.say(LIN, { group: GROUP }, '走了');
    expect(one.map((frame) => frame['sub_type'])).toEqual(['kick_me']);
    expect(two.map((frame) => frame['sub_type'])).toEqual(['kick', 'normal']);
  });

  it('reports a whole-group ban as user 0 for -1 seconds and its end as 0 seconds', () => {
    const { world } = stage(FakeClock);
    const frames = listen(world, SELF);
    world.notices.wholeBan(GROUP, LIN, true);
    world.notices.wholeBan(GROUP, LIN, false);
    expect(frames).toMatchObject([
      { user_id: 0, duration: -1, sub_type: 'ban' },
      { user_id: 0, duration: 0, sub_type: 'lift_ban' },
    ]);
  });

  it('mutes a member until the duration is over', () => {
    const { world, clock } = stage(FakeClock);
    const group = world.directory.group(GROUP);
    const member = group.members.get(WEN);
    if (member === undefined) throw new Error('no such member');
    world.notices.ban(GROUP, WEN, LIN, 60);
    expect(group.silences(member, world.directory.seconds)).toBe(true);
    clock.advance(61_000);
    expect(group.silences(member, world.directory.seconds)).toBe(false);
    world.notices.ban(GROUP, WEN, LIN, 60);
    world.notices.ban(GROUP, WEN, LIN, 0);
    expect(group.silences(member, world.directory.seconds)).toBe(false);
  });

  it('asks only accounts with a role about applications', () => {
    const { world } = stage(FakeClock);
    const [admin, member] = [listen(world, SELF), listen(world, OTHER)];
    world.notices.admin(GROUP, SELF, true);
    const asked = world.requests.groupAdd(GROUP, WEN, '');
    expect(asked.map((request) => request.self)).toEqual([SELF]);
    expect(admin.at(-1)).toMatchObject({ post_type: 'request', flag: asked[0]?.flag });
    expect(member.map((frame) => frame['post_type'])).toEqual(['notice']);
  });

  it('keeps a notice about a private message from being raised as a group’s', () => {
    const { world } = stage(FakeClock);
    const frames = listen(world, SELF);
    world.notices.essence(world.say(LIN, { private: SELF }, '一'), LIN);
    expect(frames).toHaveLength(1);
  });

  it('sends any other notice as it is given', () => {
    const { world } = stage(FakeClock);
    const frames = listen(world, SELF);
    world.notices.raw(SELF, { notice_type: 'something_new', extra: 1 });
    expect(frames[0]).toMatchObject({ post_type: 'notice', notice_type: 'something_new', extra: 1 });
  });
});
