import { EventEmitter } from 'node:events';
import { implementationOf, messageFormatOf, PROBES, type CallEnd, type EventFrame } from '@rookery/onebot';
import { SECOND, type AccountImplementation, type AccountStatus, type SelfId } from '@rookery/protocol';

/** The part of links that asks. */
export interface Prober {
  call(
    self: SelfId,
    action: string,
    params: Readonly<Record<string, unknown>>,
    request: { readonly timeoutMs: number },
  ): Promise<CallEnd | { readonly kind: 'down' }>;
}

export interface CapabilityProbeEvents {
  /** Something new is known of the account. */
  learned: [self: SelfId, implementation: AccountImplementation];
}

/** An implementation that is slower is busy; it is asked again after the next reconnect. */
const PROBE_MS = 10 * SECOND;
const NO_ANSWER: CallEnd = { kind: 'closed', written: false };

/**
 * What each account's OneBot side is: asked once per connection, since NapCat may have been replaced meanwhile. The form of messages
 * is not asked for but seen. A probe that fails is no error: what was known stays known.
 */
export class CapabilityProbe extends EventEmitter<CapabilityProbeEvents> {
  readonly #known = new Map<SelfId, AccountImplementation>();
  readonly #formats = new Map<SelfId, 'array' | 'string'>();
  readonly #asked = new Set<SelfId>();

  constructor(private readonly prober: Prober) {
    super();
  }

  /** The status with what is known of the implementation. */
  describe(status: AccountStatus): AccountStatus {
    const implementation = this.#known.get(status.self);
    return implementation === undefined ? status : { ...status, implementation };
  }

  /** To be told every change of state. */
  see({ self, state }: AccountStatus): void {
    switch (state) {
      case 'online':
        if (this.#asked.has(self)) return;
        this.#asked.add(self);
        void this.#ask(self);
        return;
      case 'connecting':
      case 'failed':
        this.#asked.delete(self);
        return;
      case 'stopped':
        this.#asked.delete(self);
        this.#known.delete(self);
        this.#formats.delete(self);
        return;
      case 'deaf':
      case 'paused':
      case 'offline':
      case 'draining':
        return;
    }
  }

  /** To be told every event frame. */
  seeFrame(self: SelfId, frame: EventFrame): void {
    const format = messageFormatOf(frame);
    if (format === undefined || this.#formats.get(self) === format) return;
    this.#formats.set(self, format);
    const known = this.#known.get(self);
    if (known !== undefined) this.#learn(self, known);
  }

  async #ask(self: SelfId): Promise<void> {
    const version = await this.#call(self, PROBES.version);
    const first = implementationOf({ version, packet: NO_ANSWER });
    if (first === undefined) {
      // Asked again when the account comes online the next time, a pause included.
      this.#asked.delete(self);
      return;
    }
    const packet = first.name === 'napcat' ? await this.#call(self, PROBES.packet) : NO_ANSWER;
    // Asked, but meanwhile the account has left this node.
    if (this.#asked.has(self)) this.#learn(self, implementationOf({ version, packet }) ?? first);
  }

  #learn(self: SelfId, implementation: AccountImplementation): void {
    const format = this.#formats.get(self);
    const learned = format === undefined ? implementation : { ...implementation, format };
    this.#known.set(self, learned);
    this.emit('learned', self, learned);
  }

  async #call(self: SelfId, action: string): Promise<CallEnd> {
    const end = await this.prober.call(self, action, {}, { timeoutMs: PROBE_MS });
    return end.kind === 'down' ? NO_ANSWER : end;
  }
}
