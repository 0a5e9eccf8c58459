/**
 * Keys of Redis by what they are: `rookery:{a10001}:claim:x` is of the family `rookery:{a}:claim:*`. What is kept for a while grows
 * until that time is over, and is judged only from then on: of most families the expiry of their keys says how long.
 */

/** Of the default configuration. */
const PARTITIONS = 32;
/** Done envelopes that are remembered of one partition, those in hand and those that wait. */
const ENVELOPES = 300;
/** Streams and lists are cut with some patience. */
const PATIENCE = 300;

/**
 * Families whose keys do not say it. `minutes`: entries go by age; `entries`: most in one key; `keys`: most of them; neither: its keys
 * expire when they are not used, and here they are used all the time, so that they must not grow at all.
 */
const KEPT = {
  'rookery:trace': { entries: 20_000 + PATIENCE },
  'rookery:account-events': { entries: 10_000 + PATIENCE },
  'rookery:{p}:settled': { entries: 20_000 + PATIENCE },
  'rookery:{p}:settled-age': { entries: 20_000 + PATIENCE },
  'rookery:events-{p}:completed': { entries: ENVELOPES },
  'rookery:events-{p}:*': { keys: ENVELOPES * PARTITIONS },
  // Cut now and then: up to a quarter more than what is of use.
  'rookery:{a}:sent-messages': { minutes: 19 },
  'rookery:{p}:broadcasts': { minutes: 7 * 24 * 60 },
  'rookery:{a}:seen-sequences': {},
};
const STORAGE = /^rookery:(\{p\}:)?storage:/;
const PAGE = 500;
const SIZES = { hash: 'hlen', list: 'llen', set: 'scard', zset: 'zcard', stream: 'xlen' };

export function familyOf(key) {
  const parts = key.split(':').map((part) => {
    if (/^\{[ap][^}]*\}$/.test(part)) return `${part.slice(0, 2)}}`;
    if (/-\{[ap]\d+\}$/.test(part)) return part.replace(/\{([ap])\d+\}/, '{$1}');
    return /^[a-z{}-]+$/.test(part) ? part : '*';
  });
  return parts.join(':');
}

/**
 * Seconds after which nothing of a family grows any more if all is well; or the bounds `most` of one key's entries and of the keys,
 * where it has one of them.
 */
export function keptOf(family, longestTtlSeconds) {
  const kept = STORAGE.test(family) ? {} : KEPT[family];
  if (kept === undefined) return { after: longestTtlSeconds };
  const { minutes = 0, ...most } = kept;
  return { after: minutes * 60, ...(Object.keys(most).length > 0 && { most }) };
}

/** Family → `{ keys, entries, most, bytes, ttl }`: how many, entries in all and in the largest, and the longest time to live, seconds. */
export async function census(redis) {
  const families = new Map();
  for (let cursor = '0'; ;) {
    const [next, keys] = await redis.scan(cursor, 'COUNT', String(PAGE));
    for (const { key, ...facts } of await looked(redis, keys)) note(families, familyOf(key), facts);
    cursor = next;
    if (cursor === '0') return families;
  }
}

async function looked(redis, keys) {
  const first = redis.pipeline();
  for (const key of keys) first.type(key).pttl(key).memory('USAGE', key);
  const told = (await first.exec()).map(([, value]) => value);
  const facts = keys.map((key, i) => ({ key, type: told[3 * i], ttl: told[3 * i + 1] / 1000, bytes: told[3 * i + 2] }));
  // A key may have gone between the two looks.
  const there = facts.filter(({ bytes }) => bytes !== null);
  const second = redis.pipeline();
  for (const { key, type } of there) second[SIZES[type] ?? 'exists'](key);
  const sizes = await second.exec();
  return there.map((fact, i) => ({ ...fact, entries: sizes[i][1] }));
}

function note(families, family, { ttl, bytes, entries }) {
  const known = families.get(family) ?? { keys: 0, entries: 0, most: 0, bytes: 0, ttl: 0 };
  families.set(family, {
    keys: known.keys + 1,
    entries: known.entries + entries,
    most: Math.max(known.most, entries),
    bytes: known.bytes + bytes,
    ttl: Math.max(known.ttl, ttl),
  });
}
