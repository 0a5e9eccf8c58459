import { adviseOnDial, DIAL_FAILURES, type DialFailure } from '@rookery/onebot';
import type { SelfId } from '@rookery/protocol';

/** What we found out ourselves about a connection that then ended by us. */
export const FINDINGS = [
  'token_refused',
  'wrong_account',
  'bad_frames',
  'no_greeting',
  'no_pong',
  'no_heartbeat',
  'no_answer',
] as const;
export type Finding = (typeof FINDINGS)[number];

/** What the end of a connection looked like from our side. */
const CLOSINGS = [
  'closed_normally',
  'closed_without_code',
  'closed_by_policy',
  'closed_other',
  'connection_lost',
  'peer_restarting',
  'protocol_error',
  'frame_too_large',
] as const;
type Closing = (typeof CLOSINGS)[number];

/** Why a link is to be made anew. A closed set, fit for a metric label. */
export const RECONNECT_REASONS = [...FINDINGS, ...CLOSINGS, ...DIAL_FAILURES] as const;
export type ReconnectReason = (typeof RECONNECT_REASONS)[number];

/** How a connection, or the attempt at one, ended. */
export type LinkEnd =
  | { readonly kind: 'dial'; readonly failure: DialFailure; readonly detail: string }
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string; readonly fault: string | undefined }
  | { readonly kind: 'found'; readonly finding: Finding; readonly detail: string };

export interface Recovery {
  readonly reason: ReconnectReason;
  /** For people: what happened, and what to do when there is something. */
  readonly text: string;
  /** A person has to act: the account counts as `failed` and is tried again late. */
  readonly needsAttention: boolean;
}

interface CloseEntry {
  readonly reason: Closing;
  readonly text: string;
}

const CLOSED_WITHOUT_CODE: CloseEntry = {
  reason: 'closed_without_code',
  text: 'NapCat closed the connection without a code; its network entry may be disabled or still starting',
};
/** From close code to what it means here. Reconnecting is right after each of them; the wait differs. */
const CLOSE_CODES: Readonly<Record<number, CloseEntry>> = {
  1000: { reason: 'closed_normally', text: 'NapCat closed the connection; its network entry was changed or disabled' },
  1001: { reason: 'peer_restarting', text: 'NapCat or a proxy before it is going away' },
  1002: { reason: 'protocol_error', text: 'the peer reports a protocol error' },
  1003: { reason: 'protocol_error', text: 'the peer does not take this kind of frame' },
  1005: CLOSED_WITHOUT_CODE,
  1006: { reason: 'connection_lost', text: 'the connection was lost' },
  1007: { reason: 'protocol_error', text: 'the peer reports text that is not UTF-8' },
  1008: { reason: 'closed_by_policy', text: 'the peer refuses this connection by its rules' },
  1009: { reason: 'frame_too_large', text: 'a frame of ours was too large for the peer; NapCat takes 50 MiB' },
  1011: { reason: 'peer_restarting', text: 'the peer reports an internal error' },
  1012: { reason: 'peer_restarting', text: 'the peer restarts' },
  1013: { reason: 'peer_restarting', text: 'the peer is overloaded' },
};

const DIALS_THAT_NEED_A_PERSON: ReadonlySet<DialFailure> = new Set(['tls', 'http_auth', 'settings']);

/** From the end of a connection to what follows. `place` is the address as it may be shown, or NapCat’s when it dials in. */
export function recoveryFrom(end: LinkEnd, self: SelfId, place: string): Recovery {
  switch (end.kind) {
    case 'dial':
      return fromDial(end.failure, end.detail, self, place);
    case 'closed':
      return fromClose(end.code, end.reason, end.fault);
    case 'found':
      return fromFinding(end.finding, end.detail, self, place);
  }
}

function fromDial(failure: DialFailure, detail: string, self: SelfId, place: string): Recovery {
  if (failure === 'http_auth') {
    return { reason: failure, text: `${tokenRefused(self, place)} (${detail})`, needsAttention: true };
  }
  const text = `no connection to ${place} (${detail}): ${adviseOnDial(failure)}`;
  return { reason: failure, text, needsAttention: DIALS_THAT_NEED_A_PERSON.has(failure) };
}

function fromClose(code: number, said: string, fault: string | undefined): Recovery {
  const quoted = said === '' ? '' : `, saying “${said}”`;
  if (fault === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
    return { reason: 'frame_too_large', text: 'NapCat sent a frame above our size limit', needsAttention: false };
  }
  if (fault?.startsWith('WS_ERR_') === true) {
    return {
      reason: 'protocol_error',
      text: `the peer broke the WebSocket protocol (${fault})`,
      needsAttention: false,
    };
  }
  const other: CloseEntry = { reason: 'closed_other', text: 'the peer closed the connection' };
  const { reason, text } = CLOSE_CODES[code] ?? other;
  const detail = `${fault === undefined ? `code ${code}` : fault}${quoted}`;
  return { reason, text: `${text} (${detail})`, needsAttention: reason === 'closed_by_policy' };
}

function fromFinding(finding: Finding, detail: string, self: SelfId, place: string): Recovery {
  const soon = (text: string): Recovery => ({ reason: finding, text, needsAttention: false });
  const late = (text: string): Recovery => ({ reason: finding, text, needsAttention: true });
  switch (finding) {
    case 'token_refused':
      return late(tokenRefused(self, place));
    case 'wrong_account':
      return late(
        `LINK_WRONG_ACCOUNT: account ${detail} answers at ${place}, where account ${self} was expected. ` +
          `Correct selfId or url of accounts[selfId=${self}], or log NapCat in to ${self}`,
      );
    case 'bad_frames':
      return late(
        `too many frames from ${place} could not be read (${detail}); check that a OneBot 11 server is there`,
      );
    case 'no_greeting':
      return soon(
        `connected to ${place}, but neither a lifecycle event nor an answer to get_login_info came (${detail}); ` +
          'check that a OneBot 11 server is there and that QQ is logged in',
      );
    case 'no_pong':
      return soon(`${place} no longer answers pings: NapCat is stalled, or the network is cut`);
    case 'no_heartbeat':
      return soon(`heartbeats from ${place} have stopped and get_status is not answered; NapCat may need a restart`);
    case 'no_answer':
      return soon(`${place} is connected but silent and does not answer (${detail}); NapCat may need a restart`);
  }
}

export function tokenRefused(self: SelfId, place: string): string {
  return (
    `LINK_TOKEN_REFUSED: ${place} refused the token of account ${self}. ` +
    `Make accounts[selfId=${self}].token equal to the token of its NapCat network entry`
  );
}

/** The address as it may be shown and logged: without credentials and without the query, which may hold a token. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return 'the address in `url`';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}
