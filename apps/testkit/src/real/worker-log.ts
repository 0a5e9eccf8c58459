import { RookeryError } from '@rookery/protocol';
import type { Output } from '../../../cli/src/up/output';

interface Line {
  readonly app: string;
  readonly level: string;
  readonly msg: string;
  readonly plugin?: string;
  readonly handler?: string;
  readonly stack?: string;
}

const KEPT = 1_000;

/** What the processes of a real fleet warn of. */
export class WorkerLog implements Output {
  readonly warnings: string[] = [];
  readonly #lines: Line[] = [];

  line(app: string, text: string): void {
    const line = parsed(app, text);
    if (line.level !== 'warn' && line.level !== 'error' && line.level !== 'fatal') return;
    this.warnings.push(line.msg);
    this.#lines.push(line);
    if (this.#lines.length > KEPT) this.#lines.shift();
  }

  say(): void {}

  notice(): void {}

  /** The newest failure of a handler, with its stack. */
  failure(): Error {
    const line = this.#lines.findLast(({ plugin, handler }) => plugin !== undefined && handler !== undefined);
    return new RookeryError('HANDLER_FAILED', [line?.msg ?? 'a handler failed', line?.stack ?? ''].join('\n').trim());
  }

  /** What the worker said of a plugin that it left out. */
  unfit(): string | undefined {
    return this.#lines.findLast(({ msg }) => msg.startsWith('a plugin is left out'))?.msg;
  }
}

/** A process that dies writes what is no JSON. */
function parsed(app: string, text: string): Line {
  try {
    return { msg: '', level: 'info', ...(JSON.parse(text) as Partial<Line>), app };
  } catch {
    return { app, level: 'error', msg: text };
  }
}
