import { SECOND } from '@rookery/protocol';
import type { Redis } from '@rookery/redis';
import type { Service } from './service';

const EVERY_MS = 5 * SECOND;

/** Asks Redis every five seconds how long it takes to answer. Returns what ends it. Failures are told by the connection itself. */
export function measureRedis({ clock, metrics }: Service, redis: Pick<Redis, 'ping'>): () => void {
  let ended = false;
  let cancel = (): void => undefined;
  const ask = async (): Promise<void> => {
    const begun = clock.monotonic();
    try {
      await redis.ping();
      metrics.observe('rookery_redis_seconds', (clock.monotonic() - begun) / SECOND);
    } catch {
      metrics.count('rookery_redis_errors_total', { client: 'main' });
    }
  };
  const later = (): void => {
    if (ended) return;
    cancel = clock.after(EVERY_MS, () => void ask().then(later));
  };
  later();
  return () => {
    ended = true;
    cancel();
  };
}
