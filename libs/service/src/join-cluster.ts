import { ClusterAgreement, requireDurableRedis, requireRights, type Redis } from '@rookery/redis';
import { failThisProcess } from './control/answer-requests';
import type { Service } from './service';

/**
 * What every node that does work does first: makes sure that this Redis keeps what it takes and lets us do what we must, and agrees with
 * all other nodes on what must be the same. Rejects with REDIS_REFUSED, REDIS_UNSUITABLE or PARTITIONS_DIFFER.
 */
export async function joinCluster(service: Service, redis: Redis): Promise<ClusterAgreement> {
  await requireRights(redis);
  await requireDurableRedis(redis);
  const { config, clock, log, metrics } = service;
  const agreement = await ClusterAgreement.join(redis, config.partitions, clock);
  agreement.on('restored', () => {
    metrics.count('rookery_redis_data_lost_total');
    log.error(
      {},
      'Redis had lost its data; the cluster goes on, but what waited in queues, settings of plugins and accounts added at run time are gone: find out who emptied it, and restore a backup with all processes stopped',
    );
  });
  agreement.on('partitionsDiffer', ({ code, message }) => {
    log.fatal({ code }, message);
    failThisProcess();
  });
  agreement.on('trouble', service.redisTrouble('main'));
  agreement.start();
  return agreement;
}
