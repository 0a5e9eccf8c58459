import { basename, dirname, join, relative } from 'node:path';
import { toError, type Clock } from '@rookery/protocol';
import { explain } from '../failure';
import type { Output } from '../up/output';
import { differences, rootOf, snapshot, type Snapshot } from './plugin-folder';

/** A plugin as rookery.yaml and the `plugins` folder give it. */
export interface DevSource {
  readonly module: string;
}

export interface DevLoopOptions {
  /** Absolute: the folder of rookery.yaml. */
  readonly folder: string;
  /** Absolute: rookery.yaml, which need not be there. */
  readonly file: string;
  readonly clock: Clock;
  readonly output: Output;
  /** The plugins as they are listed now. Throws CONFIG_INVALID. */
  readonly sources: () => readonly DevSource[];
  /** Keeps what is written in TypeScript compiled: told at the start and with every change which plugins there are. */
  readonly compile: (sources: readonly DevSource[]) => void;
  /** What a worker would have against these plugins; empty when it would start with all of them. */
  readonly check: (sources: readonly DevSource[]) => Promise<readonly string[]>;
  /** Resolves when another worker is at work; with false when it could not start. */
  readonly restart: () => Promise<boolean>;
}

const LOOK_MS = 200;

/**
 * Starts the worker anew when the code or the list of plugins has changed.
 * - watching   looks every 200 ms; a difference leads to settling.
 * - settling   until two looks in a row see the same, so that half of a save is not taken for the whole; leads to changing.
 * - changing   plugins that cannot be loaded are named and the worker stays as it is; otherwise it is started anew. Leads to watching.
 * - stopped    for good, from every state.
 */
export class DevLoop {
  #seen: Snapshot;
  #last: Snapshot = new Map();
  #sources: readonly DevSource[] = [];
  #stopped = false;
  #cancel: () => void = () => undefined;
  #changing: Promise<void> = Promise.resolve();

  constructor(private readonly options: DevLoopOptions) {
    this.#sources = this.#list() ?? [];
    this.#seen = this.#last = this.#look();
  }

  start(): void {
    const { folder, output } = this.options;
    output.say(
      'info',
      `dev: watching ${join(folder, 'plugins')} and the plugins of the settings (${this.#seen.size} files)`,
    );
    this.options.compile(this.#sources);
    this.#lookLater();
  }

  /** Resolves when nothing more is done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#changing;
  }

  #lookLater(): void {
    if (this.#stopped) return;
    this.#cancel = this.options.clock.after(LOOK_MS, () => {
      this.#changing = this.#tick().then(() => this.#lookLater());
    });
  }

  async #tick(): Promise<void> {
    const now = this.#look();
    const isSettled = differences(this.#last, now).length === 0;
    this.#last = now;
    const changed = differences(this.#seen, now);
    if (changed.length === 0 || !isSettled) return;
    this.#seen = now;
    await this.#change(changed);
  }

  async #change(paths: readonly string[]): Promise<void> {
    const { output, clock, restart, compile } = this.options;
    const before = this.#sources;
    const sources = this.#list();
    if (sources === undefined) return;
    this.#sources = sources;
    // What new plugins consist of is part of this change.
    this.#seen = this.#last = this.#look();
    compile(sources);
    const isCode = paths.some((path) => path !== this.options.file && basename(path) !== 'tsconfig.json');
    if (!isCode && JSON.stringify(before) === JSON.stringify(sources)) return;
    const names = [...new Set(paths.map((path) => this.#nameOf(path)))].join(', ');
    const began = clock.monotonic();
    const problems = await this.#problems(sources);
    if (problems.length > 0) {
      output.say('error', `dev: ${names} changed, and the worker stays as it was: ${problems.join('; ')}`);
      return;
    }
    const isUp = !this.#stopped && (await restart());
    if (!isUp) return; // why not has been said where it failed
    const seconds = ((clock.monotonic() - began) / 1000).toFixed(1);
    output.say('info', `dev: ${names} changed; the worker was restarted in ${seconds} s, connections stayed up`);
  }

  async #problems(sources: readonly DevSource[]): Promise<readonly string[]> {
    try {
      return await this.options.check(sources);
    } catch (thrown) {
      return [toError(thrown).message];
    }
  }

  /** The plugins; undefined, and said why, when the settings are wrong. */
  #list(): readonly DevSource[] | undefined {
    try {
      return this.options.sources();
    } catch (thrown) {
      this.options.output.say('error', `dev: the worker stays as it was: ${explain(thrown)}`);
      return undefined;
    }
  }

  #look(): Snapshot {
    const { folder, file } = this.options;
    const modules = this.#sources.map(({ module }) => rootOf(module));
    return snapshot([join(folder, 'plugins'), ...modules, file], this.#last);
  }

  #nameOf(path: string): string {
    const [first, second] = relative(this.options.folder, path).split(/[\\/]/);
    if (first === 'plugins' && second !== undefined) return second;
    return basename(path).startsWith('index.') ? basename(dirname(path)) : basename(path);
  }
}
