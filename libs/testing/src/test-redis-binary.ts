import { readEnvironment } from '@rookery/config';

/** The server that tests start. `npm test` finds or fetches one and names it in REDIS_SERVER_BIN; the search path may hold none. */
export const testRedisBinary = (): string => readEnvironment()['REDIS_SERVER_BIN'] ?? 'redis-server';
