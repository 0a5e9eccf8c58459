import { dial, type Dialled, type SocketLimits } from '@rookery/onebot';
import type { Clock } from '@rookery/protocol';
import type { DialPace } from './dial-pace';

export interface DiallerOptions {
  readonly url: string;
  readonly token: { reveal(): string } | undefined;
  readonly clock: Clock;
  readonly pace: DialPace;
  readonly limits: SocketLimits;
  /** Called synchronously with the opening of a socket. */
  readonly onResult: (result: Dialled) => void;
}

/**
 * Dials one account's NapCat. There is at most one dial under way or planned, whoever asks how often: each request
 * replaces the one before. (Clients in which error and close both plan a reconnect multiply their connections.)
 */
export class Dialler {
  #cancel: (() => void) | undefined;

  constructor(private readonly options: DiallerOptions) {}

  dialAfter(delayMs: number): void {
    this.stop();
    this.#cancel = this.options.clock.after(delayMs, () => this.dial());
  }

  dial(): void {
    this.stop();
    const { url, token, clock, pace, limits } = this.options;
    let abandon = (): void => undefined;
    const leave = pace.admit(() => {
      abandon = dial({ url, token: token?.reveal(), clock, limits }, (result) => {
        leave();
        this.#cancel = undefined;
        this.options.onResult(result);
      });
    });
    this.#cancel = () => {
      abandon();
      leave();
    };
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
