/** The redis-server of benches: as for `npm test` one of this machine, or one that is fetched. */
import { prepareRedis } from '../../scripts/bootstrap.mjs';

export const redisServer = await prepareRedis().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
