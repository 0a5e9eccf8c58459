import { describe, expect, it } from '@jest/globals';
import { DIAL_FAILURES } from '@rookery/onebot';
import { selfId } from '@rookery/protocol';
import { FINDINGS, RECONNECT_REASONS, recoveryFrom, shownUrl, type LinkEnd } from './recovery';

const SELF = selfId('10001');
const PLACE = 'ws://127.0.0.1:3001';
const after = (end: LinkEnd) => recoveryFrom(end, SELF, PLACE);
const closed = (code: number, reason = '', fault?: string): LinkEnd => ({ kind: 'closed', code, reason, fault });

describe('recoveryFrom a close', () => {
  it.each([
    [1000, undefined, 'closed_normally', false],
    [1001, undefined, 'peer_restarting', false],
    [1002, undefined, 'protocol_error', false],
    [1003, undefined, 'protocol_error', false],
    [1005, undefined, 'closed_without_code', false],
    [1006, undefined, 'connection_lost', false],
    [1006, 'ECONNRESET', 'connection_lost', false],
    [1006, 'WS_ERR_INVALID_UTF8', 'protocol_error', false],
    [1006, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'frame_too_large', false],
    [1007, undefined, 'protocol_error', false],
    [1008, undefined, 'closed_by_policy', true],
    [1009, undefined, 'frame_too_large', false],
    [1011, undefined, 'peer_restarting', false],
    [1012, undefined, 'peer_restarting', false],
    [1013, undefined, 'peer_restarting', false],
    [3000, undefined, 'closed_other', false],
    [4001, undefined, 'closed_other', false],
  ])('with code %i and fault %s: %s, needs a person: %s', (code, fault, reason, needsAttention) => {
    expect(after(closed(code, '', fault))).toMatchObject({ reason, needsAttention });
  });

  it('quotes what the peer said', () => {
    expect(after(closed(4000, 'maintenance')).text).toContain('code 4000, saying “maintenance”');
  });
});

describe('recoveryFrom a dial', () => {
  it.each(DIAL_FAILURES)('%s: names the place and the next step', (failure) => {
    const { text, reason } = after({ kind: 'dial', failure, detail: 'DETAIL' });
    expect([text.includes(PLACE), text.includes('DETAIL'), reason]).toEqual([true, true, failure]);
  });

  it.each(['tls', 'http_auth', 'settings'] as const)('%s needs a person', (failure) => {
    expect(after({ kind: 'dial', failure, detail: '' }).needsAttention).toBe(true);
  });

  it.each(['connection_refused', 'timeout', 'name_unknown', 'http_status'] as const)(
    '%s is tried again soon',
    (failure) => {
      expect(after({ kind: 'dial', failure, detail: '' }).needsAttention).toBe(false);
    },
  );
});

describe('recoveryFrom a finding', () => {
  it.each([
    ['token_refused', true, 'accounts[selfId=10001].token'],
    ['wrong_account', true, 'account 10099 answers'],
    ['bad_frames', true, PLACE],
    ['no_greeting', false, 'get_login_info'],
    ['no_pong', false, 'pings'],
    ['no_heartbeat', false, 'get_status'],
    ['no_answer', false, 'does not answer'],
  ] as const)('%s: needs a person: %s, and says “%s”', (finding, needsAttention, text) => {
    const recovery = after({ kind: 'found', finding, detail: '10099' });
    expect(recovery).toMatchObject({ reason: finding, needsAttention, text: expect.stringContaining(text) });
  });

  it('knows every finding and gives only reasons of the closed set', () => {
    for (const finding of FINDINGS) {
      expect(RECONNECT_REASONS).toContain(after({ kind: 'found', finding, detail: '' }).reason);
    }
  });
});

describe('shownUrl', () => {
  it.each([
    ['ws://127.0.0.1:3001', 'ws://127.0.0.1:3001'],
    ['wss://bot.example/onebot?access_token=secret#x', 'wss://bot.example/onebot'],
    ['ws://user:secret@host:1/', 'ws://host:1'],
    ['secret', 'the address in `url`'],
  ])('shows %s as %s', (url, shown) => {
    expect(shownUrl(url)).toBe(shown);
  });
});
