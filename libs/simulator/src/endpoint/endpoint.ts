import { EventEmitter } from 'node:events';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '@rookery/protocol';
import { ACTIONS } from '../actions/action-table';
import { ActionFailure, StreamAnswer, type Call, type Process, type Upload } from '../actions/call';
import { kernelTimeout } from '../actions/kernel-text';
import { complaints } from '../actions/params';
import { knownAction, perform } from '../actions/perform';
import type { Account, Frame, FrameSink, MessageFormat } from '../world/account';
import type { World } from '../world/world';
import { Connection, type Channel } from './connection';
import { Faults } from './faults';
import { failedReply, okReply } from './reply-frame';
import { parseRequest } from './request';

/** One NapCat's network settings. */
export interface EndpointOptions {
  /** Empty lets everybody in, as NapCat does. Default empty. */
  readonly token?: string;
  /** `messagePostFormat`, default array. */
  readonly format?: MessageFormat;
  /** `reportSelfMessage`, default false. */
  readonly reportSelf?: boolean;
  /** Whether actions that need the packet backend work, default true. */
  readonly packetBackend?: boolean;
  /** How long an action takes before its reply, milliseconds; its effect comes at once. Default 0: answered in the same turn. */
  readonly costMs?: (action: string) => number;
  /** Answers in place of the world: what it returns a script for has no effect there. */
  readonly script?: (action: string, params: Call['params']) => ActionScript | undefined;
}

/** A scripted answer to one action. */
export type ActionScript = { readonly data: unknown } | { readonly refusal: string };

interface EndpointEvents {
  /** A client has got its lifecycle frame (or, on `/api`, may call). */
  attached: [Connection];
  detached: [Connection];
}

interface EndpointParts {
  readonly account: Account;
  readonly world: World;
  readonly clock: Clock;
  readonly options: EndpointOptions;
  readonly nextConnectionId: () => number;
}

/**
 * The fake NapCat process of one account.
 *
 * running   answers and reports; entered by construction, `start`, `thaw`
 * frozen    sockets stay open, nothing is read (no answers, no pongs) and nothing is sent; events of that time are lost
 * stopped   all sockets cut, connections refused; the id table and uploads are gone; entered by `stop`
 */
export class Endpoint extends EventEmitter<EndpointEvents> implements FrameSink, Process {
  readonly faults = new Faults(kernelTimeout());
  readonly uploads = new Map<string, Upload>();
  readonly files = new Map<string, Buffer>();
  private readonly connections = new Set<Connection>();
  private readonly waiting: (() => void)[] = [];
  private mode: 'running' | 'frozen' | 'stopped' = 'running';

  constructor(private readonly parts: EndpointParts) {
    super();
    parts.account.sink = this;
  }

  get self(): string {
    return this.parts.account.self;
  }

  get token(): string {
    return this.parts.options.token ?? '';
  }

  get packetBackend(): boolean {
    return this.parts.options.packetBackend ?? true;
  }

  get state(): 'running' | 'frozen' | 'stopped' {
    return this.mode;
  }

  /** Open connections, oldest first. */
  get clients(): readonly Connection[] {
    return [...this.connections];
  }

  /** Whether anybody would receive an event now. */
  get listened(): boolean {
    for (const connection of this.connections) if (connection.takesEvents) return true;
    return false;
  }

  /** A socket that has passed the token check; the greeting is its first frame. */
  attach(socket: WebSocket, events: boolean, channel: Channel = { current: undefined }): Connection {
    const connection = new Connection(this.parts.nextConnectionId(), socket, events, channel);
    this.connections.add(connection);
    socket.on('message', (data) => this.receive(connection, data));
    socket.on('close', () => {
      this.connections.delete(connection);
      this.emit('detached', connection);
    });
    // A reset socket raises 'error' before 'close'; the close is what counts.
    socket.on('error', () => socket.terminate());
    if (events) {
      connection.send(this.meta({ meta_event_type: 'lifecycle', sub_type: 'connect' }));
    }
    this.emit('attached', connection);
    return connection;
  }

  deliver(make: (format: MessageFormat) => Frame, own: boolean): void {
    if (this.mode !== 'running' || !this.listened || (own && this.parts.options.reportSelf !== true)) return;
    const text = JSON.stringify(make(this.parts.options.format ?? 'array'));
    const { times, delayMs } = this.faults.takeEvent();
    const send = () => {
      for (let sent = 0; sent < times; sent++) this.sendEvent(text);
    };
    if (delayMs > 0) this.parts.clock.after(delayMs, send);
    else send();
  }

  heartbeat(interval: number): void {
    if (this.mode !== 'running' || !this.listened) return;
    const status = { online: this.parts.account.online, good: true };
    this.sendEvent(this.meta({ meta_event_type: 'heartbeat', status, interval }));
  }

  /** Stops reading and writing, as a process that hangs; sockets stay open. */
  freeze(): void {
    if (this.mode !== 'running') return;
    this.mode = 'frozen';
    for (const { socket } of this.connections) socket.pause();
  }

  /** Reads on: what clients sent meanwhile is carried out now. */
  thaw(): void {
    if (this.mode !== 'frozen') return;
    this.mode = 'running';
    for (const { socket } of this.connections) socket.resume();
    for (const proceed of this.waiting.splice(0)) proceed();
  }

  /** Runs it now, or after a thaw: a frozen process does not answer an upgrade. */
  whenRunning(proceed: () => void): void {
    if (this.mode === 'running') proceed();
    else if (this.mode === 'frozen') this.waiting.push(proceed);
  }

  /** QQ drops the login: one notice, then offline heartbeats and failing sends on sockets that stay open. */
  kick(message?: string): void {
    this.parts.world.notices.botOffline(this.self, message);
  }

  /** Closes all sockets with a close frame. */
  close(code?: number, reason?: string): void {
    for (const { socket } of this.connections) socket.close(code, reason);
  }

  /** Cuts all sockets without a close frame. */
  terminate(): void {
    for (const { socket } of this.connections) socket.terminate();
  }

  /** The process ends: ids and uploads are forgotten, connections refused until {@link start}. */
  stop(): void {
    this.mode = 'stopped';
    this.waiting.length = 0;
    this.terminate();
    this.parts.account.ids.forget();
    this.uploads.clear();
    this.files.clear();
  }

  /** A new process with a fresh login. */
  start(): void {
    this.mode = 'running';
    this.parts.account.online = true;
  }

  restart(): void {
    this.stop();
    this.start();
  }

  /** Any text or bytes to every event client, as they are. */
  sendRaw(data: string | Buffer): void {
    for (const connection of this.connections) if (connection.takesEvents) connection.send(data);
  }

  private sendEvent(text: string): void {
    if (this.mode !== 'running') return;
    for (const connection of this.connections) if (connection.takesEvents) connection.send(text);
  }

  private meta(fields: Readonly<Record<string, unknown>>): string {
    const time = Math.floor(this.parts.clock.now() / 1000);
    return JSON.stringify({ time, self_id: Number(this.self), post_type: 'meta_event', ...fields });
  }

  private receive(connection: Connection, data: RawData): void {
    const text = (data as Buffer).toString();
    const request = parseRequest(text);
    if (request.complaint !== undefined) this.complain(request.complaint, text);
    if (request.kind === 'ignored') return;
    if (request.kind === 'broken') {
      return this.reply(connection, failedReply(1400, 'json解析失败,请检查数据格式', null));
    }
    const action = knownAction(request.action);
    const spec = action === undefined ? undefined : ACTIONS[action];
    if (action === undefined || spec === undefined) {
      const message = `不支持的API ${String(request.action)}`;
      return this.reply(connection, failedReply(1404, message, request.echo ?? null));
    }
    for (const complaint of complaints(action, spec, request.params)) this.complain(complaint, text);
    this.answer(connection, action, request.params, request.echo ?? '');
  }

  private answer(connection: Connection, action: string, params: Call['params'], echo: unknown): void {
    const fault = this.faults.take(action);
    const frames = (fault?.executed ?? true) ? this.carryOut(connection, action, params, echo) : [];
    if (fault?.answer === 'none') return;
    const scripted = typeof fault?.answer === 'object' ? fault.answer : undefined;
    const answers = scripted === undefined ? frames : [failedReply(scripted.retcode, scripted.text, echo)];
    const delayMs = (fault?.delayMs ?? 0) + (this.parts.options.costMs?.(action) ?? 0);
    const send = () => {
      for (const frame of answers) this.reply(connection, frame);
    };
    if (delayMs > 0) this.parts.clock.after(delayMs, send);
    else send();
  }

  /** Takes effect in the world and returns the frames that answer it. */
  private carryOut(connection: Connection, action: string, params: Call['params'], echo: unknown): Frame[] {
    const { world, account } = this.parts;
    const call: Call = { world, account, process: this, action, params, effect: {} };
    const script = this.parts.options.script?.(action, params);
    try {
      if (script && 'refusal' in script) throw new ActionFailure(script.refusal);
      const data = script ? script.data : perform(call);
      if (ACTIONS[action]?.write === true) {
        const at = world.now();
        world.audit.record({ self: this.self, action, params, at, connection: connection.id, echo, ...call.effect });
      }
      return data instanceof StreamAnswer
        ? data.frames.map((part) => okReply(part, echo, true))
        : [okReply(data, echo)];
    } catch (error) {
      if (!(error instanceof ActionFailure)) throw error;
      return [failedReply(error.retcode, error.message, echo, error.data)];
    }
  }

  private reply(connection: Connection, frame: Frame): void {
    if (this.mode === 'running') connection.channel.current?.send(JSON.stringify(frame));
  }

  private complain(text: string, frame: string): void {
    const { world } = this.parts;
    world.audit.violate({ self: this.self, at: world.now(), text, sample: frame.slice(0, 200) });
  }
}
