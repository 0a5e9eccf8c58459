import { adviseOnDial, decodeFrame, dial, encodeRequest, SOCKET_LIMITS, type FrameSocket } from '@rookery/onebot';
import { SECOND, type Clock } from '@rookery/protocol';

/** What one connection to a NapCat showed. */
export type Visit =
  /** `detail` and `advice` hold no token. */
  | { readonly kind: 'unreachable'; readonly detail: string; readonly advice: string }
  | { readonly kind: 'token_refused' }
  /** Open, and nothing that NapCat says at first came. */
  | { readonly kind: 'silent' }
  /** `online`: what get_status says of the login; undefined when it is not answered. */
  | { readonly kind: 'greeted'; readonly self: string; readonly online: boolean | undefined };

const DIAL_MS = 5 * SECOND;
const GREETING_MS = 5 * SECOND;
const ECHO = 'rookery-doctor';
const TOKEN_REFUSED = 1403;

/**
 * Dials as a connector does, waits for the greeting, asks for the state of the login, and leaves. "Open" is no success: NapCat accepts a
 * connection with a wrong token and refuses it in its first frame. Every client of a NapCat gets all events, so this disturbs no connector.
 */
export function visitNapcat(address: { url: string; token: string | undefined }, clock: Clock): Promise<Visit> {
  return new Promise((resolve) => {
    const limits = { ...SOCKET_LIMITS, dialTimeoutMs: DIAL_MS };
    dial({ ...address, clock, limits }, (dialled) => {
      if (dialled.kind === 'open') return resolve(interview(dialled.socket, clock));
      const { failure, detail } = dialled;
      if (failure === 'http_auth') return resolve({ kind: 'token_refused' });
      resolve({ kind: 'unreachable', detail, advice: adviseOnDial(failure) });
    });
  });
}

function interview(socket: FrameSocket, clock: Clock): Promise<Visit> {
  return new Promise((resolve) => {
    let self: string | undefined;
    const leave = (visit: Visit): void => {
      cancel();
      socket.close(1000, 'looked at');
      resolve(visit);
    };
    const asFarAsKnown = (online?: boolean) =>
      leave(self === undefined ? { kind: 'silent' } : { kind: 'greeted', self, online });
    const cancel = clock.after(GREETING_MS, () => asFarAsKnown());
    socket.on('closed', () => asFarAsKnown());
    socket.on('message', (data) => {
      const decoded = decodeFrame(data);
      if (decoded.kind === 'event' && self === undefined) {
        self = String(decoded.frame['self_id']);
        socket.send(encodeRequest('get_status', {}, ECHO));
      }
      if (decoded.kind !== 'reply') return;
      const { retcode, echo, data: answer } = decoded.reply;
      if (retcode === TOKEN_REFUSED) return leave({ kind: 'token_refused' });
      if (echo === ECHO) asFarAsKnown(onlineOf(answer));
    });
  });
}

function onlineOf(answer: unknown): boolean | undefined {
  const online = typeof answer === 'object' && answer !== null && 'online' in answer ? answer.online : undefined;
  return typeof online === 'boolean' ? online : undefined;
}
