import { channels, nodeId, type NodeId } from '@rookery/protocol';
import type { Redis } from './client';
import { heardOn } from './servers';

const PREFIX = channels.control('');

/**
 * The nodes whose control channel is open now, in order of their names. Redis itself knows: a process that died has closed its
 * subscription, so nothing stale can be left. One that is frozen is still listed, and does not answer. Rejects when Redis is away.
 */
export async function liveNodes(redis: Redis): Promise<NodeId[]> {
  return [...(await heardOn(redis, `${PREFIX}*`))]
    .map((channel) => channel.slice(PREFIX.length))
    .filter((name) => !name.includes('.')) // `….reply`: somebody waits for an answer there
    .sort()
    .map((name) => nodeId(name));
}
