import { succeeding, type NetworkServer } from './network-server';

/** Resolves when the replica has all that the master had taken when it was asked. */
export async function inStep(master: NetworkServer, replica: NetworkServer): Promise<void> {
  const taken = await offset(master, 'master_repl_offset');
  await succeeding(async () => {
    const known = await offset(replica, 'slave_repl_offset');
    if (known < taken) throw new Error(`the replica at ${replica.url} is ${taken - known} bytes behind`);
  });
}

export async function isMaster({ admin }: NetworkServer): Promise<boolean> {
  return (await admin.info('replication')).includes('role:master');
}

async function offset({ admin }: NetworkServer, name: string): Promise<number> {
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(await admin.info('replication'))?.[1] ?? Number.NaN);
}
