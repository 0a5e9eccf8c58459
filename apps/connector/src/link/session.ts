import { decodeFrame, type CallEnd, type EventFrame, type FrameSocket, type Reply } from '@rookery/onebot';
import { toError, type Clock, type SelfId } from '@rookery/protocol';
import { isBotOffline, isHeartbeat, isLifecycle, loginOf, onlineOf, readSelf } from './frame-facts';
import type { LinkLimits } from './limits';
import type { FrameProblem } from './link-events';
import { Liveness } from './liveness';
import { Receipts } from './receipts';
import type { Finding, LinkEnd } from './recovery';
import { SlidingCount } from './sliding-count';

/** What a session tells the link that it belongs to. */
export interface SessionOwner {
  /** The account at the other end has said who it is, and it is ours. */
  onGreeted(session: Session): void;
  /** NapCat says whether QQ still has it logged in. `note`: what QQ told about a kick. */
  onQqState(session: Session, online: boolean, note: string): void;
  onEvent(session: Session, frame: EventFrame, bytes: number): void;
  /** Every few seconds while it is open. */
  onTick(session: Session): void;
  /** Returns undefined when the reply belonged to a call of ours. */
  onReply(reply: Reply): FrameProblem | undefined;
  onRejected(problem: FrameProblem, sample: string): void;
  /** The last call of a session. `end` is undefined when it had been superseded, which is of no consequence. */
  onEnded(session: Session, end: LinkEnd | undefined): void;
  /** A fault of ours while a frame was handled. The frame is lost, the connection is not. */
  onFault(error: Error): void;
  ask(session: Session, action: string, timeoutMs: number): Promise<CallEnd>;
}

export interface SessionOptions {
  readonly socket: FrameSocket;
  readonly self: SelfId;
  readonly clock: Clock;
  readonly limits: LinkLimits;
  readonly owner: SessionOwner;
}

/** NapCat's first and only frame after a wrong token; the close that follows has no code. */
const TOKEN_REFUSED = 1403;
/** Replies that come too late or twice are of our own making and say nothing against the peer. */
const INNOCENT: ReadonlySet<FrameProblem> = new Set(['late_reply', 'duplicate_reply']);

/**
 * One open socket of one account.
 *
 * greeting   open, but nobody has said who is there. Entered by construction. Left by the first lifecycle frame, by a good
 *            answer to get_login_info (asked when no lifecycle came in time), or by the end.
 * greeted    the right account is at the other end. Left by `supersede` or the end.
 * leaving    a newer socket of the account took over; what still comes is read until the closing handshake is done.
 * ended      no timer, no listener; the socket is closed or closing.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #liveness: Liveness;
  readonly #receipts: Receipts;
  readonly #rejections: SlidingCount;
  #state: 'greeting' | 'greeted' | 'leaving' | 'ended' = 'greeting';
  #cancelGreeting: (() => void) | undefined;
  #paused = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { socket, clock, limits } = options;
    this.#rejections = new SlidingCount(clock, limits.rejectedWindowMs);
    this.#receipts = new Receipts(clock, (mark) => socket.ping(mark));
    this.#liveness = new Liveness({
      clock,
      limits,
      ping: () => {
        socket.ping();
        this.#options.owner.onTick(this);
      },
      probe: () => this.#askStatus(),
      onDead: (signal) => this.#cut(signal, ''),
    });
    socket.on('message', (data) => this.#receive(data));
    socket.on('pong', (mark) => {
      this.#liveness.sign();
      this.#receipts.ponged(mark);
    });
    socket.on('closed', (code, reason, fault) => this.#end({ kind: 'closed', code, reason, fault }));
    this.#liveness.start();
    this.#awaitGreeting();
  }

  get isGreeting(): boolean {
    return this.#state === 'greeting';
  }

  /** `refused`: nothing of it was or will be written. */
  send(text: string): 'written' | 'refused' {
    return this.#state === 'greeting' || this.#state === 'greeted' ? this.#options.socket.send(text) : 'refused';
  }

  /** `onRead` is called once: when the peer has read all that was written until now, or the connection has ended. */
  whenRead(onRead: () => void): void {
    if (this.#state === 'ended') onRead();
    else this.#receipts.expect(onRead);
  }

  pause(): void {
    this.#paused = true;
    this.#liveness.suspend();
    this.#options.socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#liveness.resume();
    this.#options.socket.resume();
  }

  /** Another connection of the account takes its place. */
  supersede(): void {
    this.#state = 'leaving';
    this.#quiet();
    this.#options.socket.close(4001, 'a newer connection of this account took over');
  }

  /** The link has found out that this peer is of no use. */
  giveUp(finding: 'no_answer' | 'wrong_account', detail: string): void {
    if (finding === 'no_answer') this.#cut(finding, detail);
    else this.#refuse(finding, detail);
  }

  /** Ends it on our wish; the owner is not told. The closing handshake goes on by itself. */
  dismiss(code: number, reason: string): void {
    this.#detach();
    this.#options.socket.close(code, reason);
  }

  #receive(data: Buffer): void {
    try {
      this.#liveness.sign();
      this.#receipts.heard();
      const decoded = decodeFrame(data);
      if (decoded.kind === 'event') this.#onEvent(decoded.frame, data.length);
      else if (decoded.kind === 'reply') this.#onReply(decoded.reply);
      else this.#reject(decoded.reason, decoded.sample);
    } catch (thrown) {
      this.#options.owner.onFault(toError(thrown));
    }
  }

  #onEvent(frame: EventFrame, bytes: number): void {
    const { owner, self } = this.#options;
    const said = readSelf(frame);
    const isGreeting = isLifecycle(frame);
    if (said !== self) {
      this.#reject('self_id', `self_id is ${said ?? 'missing'}`);
      if (isGreeting && said !== undefined) this.#refuse('wrong_account', said);
      return;
    }
    if (isGreeting) this.#greeted();
    if (isHeartbeat(frame)) {
      this.#liveness.beat(frame['interval']);
      const online = onlineOf(frame['status']);
      if (online !== undefined) owner.onQqState(this, online, '');
    }
    const kick = isBotOffline(frame);
    if (kick !== undefined) owner.onQqState(this, false, kick);
    owner.onEvent(this, frame, bytes);
  }

  #onReply(reply: Reply): void {
    if (this.#state === 'greeting' && reply.retcode === TOKEN_REFUSED) {
      this.#refuse('token_refused', '');
      return;
    }
    const problem = this.#options.owner.onReply(reply);
    if (problem === undefined) return;
    const echo = typeof reply.echo === 'string' ? JSON.stringify(reply.echo.slice(0, 64)) : typeof reply.echo;
    this.#reject(problem, `reply with echo ${echo}, retcode ${reply.retcode ?? 'missing'}`);
  }

  #reject(problem: FrameProblem, sample: string): void {
    const { owner, limits } = this.#options;
    owner.onRejected(problem, sample);
    if (INNOCENT.has(problem)) return;
    if (this.#rejections.add() > limits.rejectedFrames) this.#refuse('bad_frames', `the last one: ${problem}`);
  }

  #greeted(): void {
    if (this.#state !== 'greeting') return;
    this.#state = 'greeted';
    this.#cancelGreeting?.();
    this.#options.owner.onGreeted(this);
  }

  #awaitGreeting(): void {
    const { clock, limits } = this.#options;
    this.#cancelGreeting = clock.after(limits.greetingMs, () => {
      if (this.#paused) this.#awaitGreeting();
      else void this.#askLogin();
    });
  }

  async #askLogin(): Promise<void> {
    const { owner, self, limits } = this.#options;
    const end = await owner.ask(this, 'get_login_info', limits.probeMs);
    if (this.#state !== 'greeting') return;
    const login = loginOf(end);
    if (login === self) this.#greeted();
    else if (login !== undefined) this.#refuse('wrong_account', login);
    else if (this.#paused) this.#awaitGreeting();
    else this.#cut('no_greeting', end.kind === 'replied' ? `retcode ${end.reply.retcode ?? 'missing'}` : end.kind);
  }

  async #askStatus(): Promise<boolean> {
    const { owner, limits } = this.#options;
    const end = await owner.ask(this, 'get_status', limits.probeMs);
    if (end.kind !== 'replied' || end.reply.status !== 'ok') return false;
    const online = onlineOf(end.reply.data);
    if (online !== undefined && this.#state === 'greeted') owner.onQqState(this, online, '');
    return true;
  }

  /** Ends a connection whose peer is there but must not stay. */
  #refuse(finding: Finding, detail: string): void {
    this.#options.socket.close(1008, finding);
    this.#end({ kind: 'found', finding, detail });
  }

  /** Ends a connection whose peer does not answer. */
  #cut(finding: Finding, detail: string): void {
    this.#options.socket.terminate();
    this.#end({ kind: 'found', finding, detail });
  }

  #end(end: LinkEnd): void {
    if (this.#state === 'ended') return;
    const wasSuperseded = this.#state === 'leaving';
    this.#detach();
    this.#options.owner.onEnded(this, wasSuperseded ? undefined : end);
  }

  #quiet(): void {
    this.#cancelGreeting?.();
    this.#liveness.stop();
  }

  #detach(): void {
    this.#state = 'ended';
    this.#quiet();
    this.#options.socket.removeAllListeners();
    this.#receipts.ended();
  }
}
