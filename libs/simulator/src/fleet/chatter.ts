import type { Clock, MessageLike, Random, Segment } from '@rookery/protocol';
import { pick } from '../random';
import type { Group } from '../world/group';
import type { World } from '../world/world';
import { COMMANDS, LINES } from './small-talk';

/** Every so many messages one is a command; the first one is. */
const COMMAND_EVERY = 6;
/** After a stall chatter does not catch up on more than this. Milliseconds. */
const MAX_LAG_MS = 1000;

export interface ChatterOptions {
  readonly world: World;
  readonly clock: Clock;
  readonly random: Random;
  /** Messages per second over all groups; gaps vary as in real traffic (exponential). */
  readonly rate: number;
}

/** People of the world talking in its groups: mostly text, some pictures, mentions, quotes and commands. Starts paused. */
export class Chatter {
  private cancel: (() => void) | undefined;
  private due = 0;
  private count = 0;

  constructor(private readonly options: ChatterOptions) {}

  get running(): boolean {
    return this.cancel !== undefined;
  }

  /** Messages said so far. */
  get said(): number {
    return this.count;
  }

  resume(): void {
    if (this.running || this.options.rate <= 0) return;
    this.due = this.options.clock.monotonic() + this.gap();
    this.schedule();
  }

  pause(): void {
    this.cancel?.();
    this.cancel = undefined;
  }

  private schedule(): void {
    const { clock } = this.options;
    this.cancel = clock.after(Math.max(1, this.due - clock.monotonic()), () => {
      const now = clock.monotonic();
      this.due = Math.max(this.due, now - MAX_LAG_MS);
      while (this.due <= now) {
        this.speak();
        this.due += this.gap();
      }
      if (this.running) this.schedule();
    });
  }

  private gap(): number {
    return (-Math.log(1 - this.options.random()) * 1000) / this.options.rate;
  }

  private speak(): void {
    const { world, random } = this.options;
    const group = pick(random, [...world.directory.groups.values()]);
    const people = [...group.members.keys()].filter((userId) => !world.directory.accounts.has(userId));
    world.say(pick(random, people), { group: group.groupId }, this.message(group));
    this.count += 1;
  }

  private message(group: Group): MessageLike {
    const { random } = this.options;
    if (this.count % COMMAND_EVERY === 0) return pick(random, COMMANDS);
    const line: Segment = { type: 'text', data: { text: pick(random, LINES) } };
    const kind = random();
    if (kind < 0.08) return { type: 'image', data: { file: `picture-${this.count}.png` } };
    if (kind < 0.14) return [line, { type: 'face', data: { id: '178' } }];
    if (kind < 0.22) return [{ type: 'at', data: { qq: pick(random, [...group.members.keys()]) } }, spaced(line)];
    const quoted = group.chat.history.at(-1 - Math.floor(random() * 5));
    if (kind < 0.28 && quoted !== undefined) return [{ type: 'reply', data: { seq: quoted.seq } }, line];
    return line;
  }
}

/** QQ clients put a blank after a mention. */
function spaced(line: Segment): Segment {
  return { type: 'text', data: { text: ` ${String(line.data['text'])}` } };
}
