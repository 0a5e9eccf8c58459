import { Redis, type Command, type RedisOptions } from 'ioredis';
import { limitGreeting } from './limit-greeting';

/** Texts of so many characters and more are encoded here, once. */
const LONG = 1_024;

/** What is needed of a command that is about to be written. */
interface Outgoing {
  readonly args: unknown[];
  bufferMode: boolean;
}

/**
 * ioredis without two habits that cost more than the commands themselves. It measures a text three times before it encodes
 * it: long ones, such as envelopes, become bytes here. And it writes to the socket once per command: here once per turn of
 * the event loop, so that whatever a turn asks for costs one system call.
 */
export class LeanRedis extends Redis {
  #corked = false;

  override duplicate<Override extends Partial<RedisOptions> | undefined = undefined>(override?: Override) {
    const another = super.duplicate(override);
    limitGreeting(another, () => another.stream);
    return another;
  }

  override sendCommand(...[command, stream]: Parameters<Redis['sendCommand']>): unknown {
    encodeLongTexts(command);
    if (!this.#corked && this.status === 'ready') this.#cork();
    return super.sendCommand(command, stream);
  }

  /** Until the end of the turn. A socket that is lost or replaced meanwhile takes no harm. */
  #cork(): void {
    const socket = this.stream;
    this.#corked = true;
    socket.cork();
    process.nextTick(() => {
      this.#corked = false;
      socket.uncork();
    });
  }
}

function encodeLongTexts(command: Command): void {
  const outgoing = command as unknown as Outgoing;
  for (const [index, arg] of outgoing.args.entries()) {
    if (typeof arg !== 'string' || arg.length < LONG) continue;
    outgoing.args[index] = Buffer.from(arg);
    outgoing.bufferMode = true;
  }
}
