import type { Account } from '../world/account';
import type { SentRecord } from '../world/audit';
import type { World } from '../world/world';

/** An upload_file_stream under way. */
export interface Upload {
  readonly chunks: Map<number, Buffer>;
  readonly total: number;
  readonly filename: string;
}

/** What an action sees of the NapCat process that carries it out. */
export interface Process {
  readonly packetBackend: boolean;
  readonly uploads: Map<string, Upload>;
  /** Contents of finished uploads by their path on the NapCat machine. */
  readonly files: Map<string, Buffer>;
  /** Ends the process and starts it anew, as set_restart and bot_exit do. */
  restart(): void;
}

/** One request for an action, with its parameters already coerced where NapCat does so. */
export interface Call {
  readonly world: World;
  readonly account: Account;
  readonly process: Process;
  readonly action: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** What the audit shall say about the effect besides the request itself. */
  readonly effect: { -readonly [K in 'messageId' | 'seq' | 'groupId' | 'userId' | 'text']?: SentRecord[K] };
}

/** Returns the reply's `data`; undefined leaves the key out, as NapCat does for handlers that return nothing. */
export type Handler = (call: Call) => unknown;

/** A refusal that NapCat reports: `retcode` 1200 unless the request itself was wrong (1400). */
export class ActionFailure extends Error {
  override readonly name = 'ActionFailure';

  constructor(
    message: string,
    readonly retcode = 1200,
    /** NapCat fills `data` only for failures of streams. */
    readonly data: unknown = null,
  ) {
    super(message);
  }
}

/** An answer of several frames with one echo, and `stream: "stream-action"` on each. */
export class StreamAnswer {
  constructor(readonly frames: readonly unknown[]) {}
}
