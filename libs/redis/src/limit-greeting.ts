import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';

const FIRST_BYTE_MS = 2_000;

/**
 * Gives a connection up, so that it is made anew, when whoever accepted it says nothing for two seconds: proxies accept also when
 * the Redis behind them is away. A Redis that answers that it is still loading may take its time.
 */
export function limitGreeting(redis: EventEmitter, socketOf: () => Duplex): void {
  redis.on('connect', () => {
    const socket = socketOf();
    const silent = () => socket.destroy(new Error('the connection was accepted, and then nothing came'));
    const timer = setTimeout(silent, FIRST_BYTE_MS);
    for (const end of ['data', 'close']) socket.once(end, () => clearTimeout(timer));
  });
}
