import { describe, expect, it } from '@jest/globals';
import { selfId, type Chat } from '@rookery/protocol';
import type { AccountWhy, WaitReason } from '@rookery/service';
import { whyText } from './why-text';

const NOW = 1_800_000_000_000;
const until = NOW + 90_000;
const source = { from: 'file', scope: 'pool' } as const;
const window = { of: 'account', sends: 15, seconds: 60, used: 15, source } as const;
const day = { used: 500, most: 500, endsAt: NOW + 3 * 3_600_000, source } as const;

const of = (reasons: readonly WaitReason[], fields: Partial<AccountWhy> = {}): string =>
  whyText({
    account: { self: selfId('10001'), state: 'online', wanted: 'started', reason: 'connected' },
    now: NOW,
    profile: 'default',
    slow: 1,
    lanes: [
      { lane: 'interactive', waiting: 0 },
      { lane: 'normal', waiting: 2, oldestAt: NOW - 180_000 },
    ],
    windows: [window],
    day,
    reasons,
    ...fields,
  });

describe('why a message waits, in sentences', () => {
  it('begins with what waits and what is used', () => {
    const text = of([]);
    expect(text).toContain('2 to be sent: interactive 0, normal 2 (3 min).');
    expect(text).toContain('profile default; used: account 15/15 in 60 s, day 500/500.');
    expect(text).toContain('Nothing holds them back');
    expect(text).not.toContain('young');
  });

  it('says so when nothing waits', () => {
    expect(of([], { lanes: [], slow: 4 })).toMatch(/4 times as long[\s\S]*Nothing waits/);
  });

  const chat = { kind: 'chat', lane: 'bulk', chat: 'group:7' as Chat, until, jobs: 3 } as const;
  it.each<[WaitReason, string, string]>([
    [{ kind: 'state', state: 'offline', text: 'logged\nout' }, 'while it is offline: logged out.', '不能发送'],
    [{ kind: 'breaker', of: 'groups', until }, '(groups); one is tried in 1 min', '连续发送失败'],
    [{ kind: 'muted', chat: 'group:7', until }, 'muted in group:7 for 1 min', '被禁言'],
    [{ kind: 'cold_start', until: NOW + 1 }, 'rests for 1 s', '刚刚启动或重连'],
    [{ kind: 'gap', until: NOW + 1_500 }, 'lasts 2 s more', '间隔'],
    [{ kind: 'quiet_hours', until }, 'only replies leave', '安静时段'],
    [{ kind: 'window', window }, 'The account used 15 of 15 in 60 s (rookery.yaml, pool)', '已用 15/15'],
    [{ kind: 'window', window: { ...window, of: 'kind:file' } }, 'Actions of kind:file used', 'kind:file'],
    [{ kind: 'day', day }, "Today's 500 of 500 sends are used; the day ends in 3 h", '今日已发送'],
    [{ ...chat, why: 'conversation' }, '3 for group:7 (bulk): the limit of this chat', '会话限制'],
    [{ ...chat, why: 'repeats' }, 'the same text', '相同内容'],
    [{ ...chat, why: 'muted' }, 'muted there', '账号被禁言'],
    [{ ...chat, why: 'breaker' }, 'in a row', '连续发送失败'],
    [{ ...chat, why: 'later\u001b[2J' }, 'later [2J', 'later [2J'],
  ])('%j in both languages', (reason, english, chinese) => {
    const line = of([reason])
      .split('\n')
      .find((text) => text.startsWith('- '));
    expect(line).toContain(english);
    expect(line).toContain(chinese);
  });

  it('shows no more than a person reads, and says how many there are', () => {
    const many = Array.from({ length: 33 }, (): WaitReason => ({ kind: 'muted', chat: 'group:7', until }));
    const text = of(many);
    expect(text.match(/is muted/g)).toHaveLength(20);
    expect(text).toContain('and 13 more');
  });
});
