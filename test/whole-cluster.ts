import { Cluster } from 'ioredis';

/**
 * What tests say to a Redis as a whole, they say to all masters when it is a Redis Cluster (`npm run test:cluster`); ioredis would say
 * it to any one of its servers.
 */
const masters = (cluster: Cluster) => cluster.nodes('master');
const one = (answers: readonly unknown[]): unknown => answers[0];

const everywhere: Readonly<Record<string, (answers: readonly unknown[]) => unknown>> = {
  flushall: one,
  call: one,
  config: one,
  script: one,
  info: (answers) => answers.join('\n'),
  keys: (answers) => answers.flat(),
};
for (const [name, joined] of Object.entries(everywhere)) {
  Reflect.set(Cluster.prototype, name, async function (this: Cluster, ...args: unknown[]) {
    const answers = masters(this).map((server) => (Reflect.get(server, name) as Command).apply(server, args));
    return joined(await Promise.all(answers));
  });
}

type Command = (this: unknown, ...args: unknown[]) => Promise<unknown>;
