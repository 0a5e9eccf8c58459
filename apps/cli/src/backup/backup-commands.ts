import { copyKeys, hasKeys, liveNodes, pasteKeys, removeKeys, type KeyCopy, type Redis } from '@rookery/redis';
import { CommandFailure } from '../failure';
import { readBackup, writeBackup } from './backup-file';

const AT_ONCE = 500;

/** Keeps the state of a cluster that stands still in a file, and brings it back. Each resolves with the number of keys. */
export class BackupCommands {
  constructor(private readonly redis: Redis) {}

  async backup(path: string): Promise<number> {
    await this.#requireStandstill();
    return writeBackup(path, copyKeys(this.redis));
  }

  /** The file is read as a whole before anything is changed. `replace`: what Rookery has in this Redis is removed first. */
  async restore(path: string, { replace }: { readonly replace: boolean }): Promise<number> {
    await this.#requireStandstill();
    let keys = 0;
    for await (const _ of readBackup(path)) keys += 1;
    if (await hasKeys(this.redis)) {
      if (!replace) {
        throw new CommandFailure(
          'this Redis holds data of Rookery already; name an empty one, or give --replace to remove them first\n' +
            '此 Redis 中已有 Rookery 的数据：请换一个空的 Redis，或用 --replace 先清除。',
        );
      }
      await removeKeys(this.redis);
    }
    let batch: KeyCopy[] = [];
    for await (const copy of readBackup(path)) {
      batch.push(copy);
      if (batch.length < AT_ONCE) continue;
      await pasteKeys(this.redis, batch);
      batch = [];
    }
    await pasteKeys(this.redis, batch);
    return keys;
  }

  /** Processes at work would write into a backup that is being made, and over one that is being restored. */
  async #requireStandstill(): Promise<void> {
    const nodes = await liveNodes(this.redis);
    if (nodes.length === 0) return;
    throw new CommandFailure(
      `${nodes.length} processes of the cluster are at work (${nodes.slice(0, 5).join(', ')}); stop all of them first. ` +
        'For a snapshot of a running cluster use Redis’ own: docs/deploy.md, backup\n' +
        '集群仍在运行，请先停止所有进程。运行中的集群请用 Redis 自带的快照，见 docs/deploy.zh-CN.md。',
    );
  }
}
