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

const hits = (pattern: ActionPattern | undefined, action: string) =>
  pattern === undefined || (pattern.endsWith('*') ? action.startsWith(pattern.slice(0, -1)) : action === pattern);

/**
 * What goes wrong at one endpoint, set at run time. Each call adds one script; a request is treated by the oldest script
 * that fits and is not used up. Nothing is wrong by default.
 */
export class Faults {
  private scripts: Script[] = [];
  private duplicates = 0;

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
    this.duplicates += times;
  }

  clear(): void {
    this.scripts = [];
    this.duplicates = 0;
  }

  /** The script for a request, which is used up by one. */
  take(action: string): Pick<Script, 'executed' | 'answer' | 'delayMs'> | undefined {
    const script = this.scripts.find((candidate) => hits(candidate.pattern, action));
    if (script === undefined) return undefined;
    script.left -= 1;
    if (script.left <= 0) this.scripts = this.scripts.filter((other) => other !== script);
    return script;
  }

  takeDuplicate(): boolean {
    if (this.duplicates === 0) return false;
    this.duplicates -= 1;
    return true;
  }

  private add(script: Script): void {
    if (script.left > 0) this.scripts.push(script);
  }
}
