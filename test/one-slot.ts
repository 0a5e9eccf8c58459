import { hash } from 'node:crypto';
import { Redis } from 'ioredis';
import { PUT_ENVELOPES } from '../libs/redis/src/scripts/envelopes/put-envelopes';
import { TAKE_ENVELOPES } from '../libs/redis/src/scripts/envelopes/take-envelopes';
import { NOTE_IN_LEDGER } from '../libs/redis/src/scripts/note-in-ledger';
import { PUT_SENDS } from '../libs/redis/src/scripts/outgoing/put-sends';
import { TURN_SENDS } from '../libs/redis/src/scripts/outgoing/turn-sends';

/**
 * Every command and script of ours, whatever test runs it, names keys of one slot only: so that all of it works on a Redis Cluster too.
 * Keys share a slot when they share the hash tag in braces. Excepted are scripts whose callers send one call for all slots to a single
 * server and one for each slot to a Redis Cluster, whose servers refuse anything else (`TEST_REDIS=cluster`).
 */
const SPANNING = new Set(
  [NOTE_IN_LEDGER, PUT_ENVELOPES, TAKE_ENVELOPES, PUT_SENDS, TURN_SENDS].flatMap((script) => [
    script,
    hash('sha1', script),
  ]),
);
type Send = (this: Redis, ...args: Parameters<Redis['sendCommand']>) => unknown;
const send = Reflect.get(Redis.prototype, 'sendCommand') as Send;
Redis.prototype.sendCommand = function (this: Redis, ...args: Parameters<Send>) {
  const [command] = args;
  if (SPANNING.has(String(command.args[0]))) return send.apply(this, args);
  const ours = command
    .getKeys()
    .map(String)
    .filter((key) => key.startsWith('rookery:'));
  const slots = new Set(ours.map((key) => /\{([^}]+)\}/.exec(key)?.[1] ?? key));
  if (slots.size > 1) throw new Error(`${command.name} names keys of ${slots.size} slots: ${ours.join(' ')}`);
  return send.apply(this, args);
};
