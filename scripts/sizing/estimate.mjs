// What a fleet of a given size needs, from measured costs and from assumptions that are named as such. Pure.

/** From test/bench/RESULTS.md: two shared cores under load of other work, so real machines do rather better. */
export const MEASURED = {
  connectorBaseMib: { value: 125, from: 'accounts: RSS of a connector without accounts' },
  accountKib: { value: 86.5, from: 'accounts: RSS that an account adds' },
  connectorEventUs: { value: 25.6, from: 'events: CPU of the connector per event' },
  workerEventUs: { value: 25.0, from: 'events: CPU of the worker per event, 5 % commands' },
  redisEventUs: { value: 8.6, from: 'events: CPU of Redis per event, 5 % commands' },
  workerCommandUs: { value: 140, from: 'events: what a command costs the worker more than chatter' },
  redisCommandUs: { value: 56, from: 'events: what a command costs Redis more than chatter' },
};

/** Nobody has measured these here. Each can be given as an option. */
export const ASSUMED = {
  receivedPerMinute: { value: 6, what: 'messages that one account receives per minute, copies of siblings included' },
  commandShare: { value: 0.05, what: 'share of them that call a command' },
  sentPerMinute: { value: 1, what: 'messages that one account sends per minute' },
  connectorSendUs: { value: 500, what: 'CPU of a connector per send, microseconds' },
  redisSendUs: { value: 400, what: 'CPU of Redis per send (queue, claim, limits), microseconds' },
  redisAccountKib: { value: 24, what: 'memory in Redis per account (limits, claims, recent jobs), KiB' },
  peak: { value: 3, what: 'busiest minute against the average one' },
  busy: { value: 0.5, what: 'how busy a core may be in that minute' },
  accountsPerConnector: { value: 2_000, what: 'accounts of one connector (`connector.capacity`)' },
  napcatMib: { value: 400, what: 'memory of one NapCat with QQ, MiB (operators’ reports differ: 200 to 700)' },
  napcatCores: { value: 0.03, what: 'cores that one NapCat takes on average' },
  coreHour: { value: 0.03, what: 'price of a core for an hour' },
  gibHour: { value: 0.004, what: 'price of a GiB of memory for an hour' },
};

const HOURS_PER_MONTH = 730;
const MICROSECONDS = 1e6;

const valuesOf = (table) => Object.fromEntries(Object.entries(table).map(([name, { value }]) => [name, value]));

/** `changed`: other values than ASSUMED has. Node counts hold one more than are needed at the peak, so that one may fail. */
export function estimate(accounts, changed = {}) {
  const m = valuesOf(MEASURED);
  const a = { ...valuesOf(ASSUMED), ...changed };
  const received = (accounts * a.receivedPerMinute * a.peak) / 60;
  const sent = (accounts * a.sentPerMinute * a.peak) / 60;
  // The measured mix already holds five commands in a hundred events.
  const moreCommands = received * (a.commandShare - 0.05);
  const cores = (microseconds) => microseconds / MICROSECONDS / a.busy;
  const connectorCores = cores(received * m.connectorEventUs + sent * a.connectorSendUs);
  const workerCores = cores(Math.max(0, received * m.workerEventUs + moreCommands * m.workerCommandUs));
  const redisCores = cores(
    Math.max(0, received * m.redisEventUs + moreCommands * m.redisCommandUs) + sent * a.redisSendUs,
  );
  // A process has one main thread: whichever of accounts and load asks for more decides.
  const connectors = Math.max(Math.ceil(accounts / a.accountsPerConnector), Math.ceil(connectorCores)) + 1;
  const workers = Math.ceil(workerCores) + 1;
  const redisShards = Math.max(1, Math.ceil(redisCores));
  const connectorGib = (connectors * m.connectorBaseMib + (accounts * m.accountKib) / 1024) / 1024;
  const workerGib = (workers * 512) / 1024;
  // Half of it stays free for a rewrite of the append-only file, and intake stops at 80 %.
  const redisGib = Math.max(redisShards, (2 * accounts * a.redisAccountKib) / 1024 / 1024);
  const napcatGib = (accounts * a.napcatMib) / 1024;
  const napcatCores = accounts * a.napcatCores;
  const monthly = (coreCount, gib) => HOURS_PER_MONTH * (coreCount * a.coreHour + gib * a.gibHour);
  return {
    receivedPerSecond: received,
    sentPerSecond: sent,
    connectors,
    workers,
    redisShards,
    connectorGib,
    workerGib,
    redisGib,
    rookeryMonthly: monthly(connectors + workers + redisShards, connectorGib + workerGib + redisGib),
    napcatGib,
    napcatCores,
    napcatMonthly: monthly(napcatCores, napcatGib),
  };
}
