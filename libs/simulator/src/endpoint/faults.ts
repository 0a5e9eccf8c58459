/** Which requests a fault hits: an action name, or a beginning followed by `*` (`send_*`); all when absent. */
export type ActionPattern = string;

interface Script {
  readonly pattern: ActionPattern | undefined;
  /** How many requests are still hit. */
  left: number;
  /** Whether the action takes effect in the world. */
  readonly executed: boolean;
  readonly answer: 'normal' | 'none' | { readonly retcode: number; readonly text: string };
  readonly delayMs: number;
}

/** What happens to the next `left` events (heartbeats and greetings are not counted). */
interface EventScript {
  left: number;
  /** 0 loses the event, 2 doubles it. */
  readonly times: number;
  readonly delayMs: number;
}

const hits = (pattern: ActionPattern | undefined, action: string) =>
  pattern === undefined || (pattern.endsWith('*') ? action.startsWith(pattern.slice(0, -1)) : action === pattern);

/**
 * What goes wrong at one endpoint, set at run time. Each call adds one script; a request is treated by the oldest script
 * that fits and is not used up. Nothing is wrong by default.
 */
export class Faults {
  private scripts: Script[] = [];
  private events: EventScript[] = [];

  constructor(private readonly sendTimeoutText: string) {}

  /** The action takes effect, its reply is lost. */
  dropReplies(times: number, pattern?: ActionPattern): void {
    this.add({ pattern, left: times, executed: true, answer: 'none', delayMs: 0 });
  }

  /** The request disappears: no effect and no reply. */
  swallow(times: number, pattern?: ActionPattern): void {
    this.add({ pattern, left: times, executed: false, answer: 'none', delayMs: 0 });
  }

  /** The action takes effect at once, its reply comes `delayMs` later; until {@link clear} unless `times` is given. */
  delayReplies(delayMs: number, pattern?: ActionPattern, times = Infinity): void {
    this.add({ pattern, left: times, executed: true, answer: 'normal', delayMs });
  }

  /** 1200 "Timeout … sendMsg" although the message is in the chat. */
  timeoutDelivered(times: number, pattern: ActionPattern = 'send_*', delayMs = 0): void {
    this.add({ pattern, left: times, executed: true, answer: { retcode: 1200, text: this.sendTimeoutText }, delayMs });
  }

  /** 1200 "Timeout … sendMsg", and the message is nowhere: what risk control does. */
  timeoutUndelivered(times: number, pattern: ActionPattern = 'send_*', delayMs = 0): void {
    this.add({ pattern, left: times, executed: false, answer: { retcode: 1200, text: this.sendTimeoutText }, delayMs });
  }

  /** Any refusal, without effect. */
  refuse(times: number, text: string, pattern?: ActionPattern, retcode = 1200): void {
    this.add({ pattern, left: times, executed: false, answer: { retcode, text }, delayMs: 0 });
  }

  /** The next events are sent twice, byte by byte. */
  duplicateEvents(times: number): void {
    this.events.push({ left: times, times: 2, delayMs: 0 });
  }

  /** The next events never come: a copy that this account alone does not get. */
  dropEvents(times: number): void {
    this.events.push({ left: times, times: 0, delayMs: 0 });
  }

  /** The next events come late, and so out of order: NapCat renders each message in its own time. */
  delayEvents(times: number, delayMs: number): void {
    this.events.push({ left: times, times: 1, delayMs });
  }

  clear(): void {
    this.scripts = [];
    this.events = [];
  }

  /** The script for a request, which is used up by one. */
  take(action: string): Pick<Script, 'executed' | 'answer' | 'delayMs'> | undefined {
    const script = this.scripts.find((candidate) => hits(candidate.pattern, action));
    if (script === undefined) return undefined;
    script.left -= 1;
    if (script.left <= 0) this.scripts = this.scripts.filter((other) => other !== script);
    return script;
  }

  /** The treatment of one event, oldest script first. */
  takeEvent(): { readonly times: number; readonly delayMs: number } {
    const script = this.events[0];
    if (script === undefined) return { times: 1, delayMs: 0 };
    script.left -= 1;
    if (script.left <= 0) this.events.shift();
    return script;
  }

  private add(script: Script): void {
    if (script.left > 0) this.scripts.push(script);
  }
}
