import { Redis } from 'ioredis';

/**
 * Every command and script of ours, whatever test runs it, names keys of one slot only: so that all of it works on a Redis Cluster too.
 * Keys share a slot when they share the hash tag in braces.
 */
type Send = (this: Redis, ...args: Parameters<Redis['sendCommand']>) => unknown;
const send = Reflect.get(Redis.prototype, 'sendCommand') as Send;
Redis.prototype.sendCommand = function (this: Redis, ...args: Parameters<Send>) {
  const [command] = args;
  const ours = command
    .getKeys()
    .map(String)
    .filter((key) => key.startsWith('rookery:'));
  const slots = new Set(ours.map((key) => /\{([^}]+)\}/.exec(key)?.[1] ?? key));
  if (slots.size > 1) throw new Error(`${command.name} names keys of ${slots.size} slots: ${ours.join(' ')}`);
  return send.apply(this, args);
};
