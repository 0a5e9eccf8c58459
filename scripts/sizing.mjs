// `node scripts/sizing.mjs --accounts 5000 --received-per-minute 10`: what a fleet of that size needs, with everything it rests on.
import { parseArgs } from 'node:util';
import { ASSUMED, estimate, MEASURED } from './sizing/estimate.mjs';

const optionOf = (name) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const options = Object.fromEntries(Object.keys(ASSUMED).map((name) => [optionOf(name), { type: 'string' }]));

function main() {
  const { values } = parseArgs({ options: { accounts: { type: 'string', default: '100000' }, ...options } });
  const number = (text, name) => {
    const value = Number(text);
    if (Number.isFinite(value) && value >= 0) return value;
    throw new RangeError(`--${name} must be a number from 0`);
  };
  const accounts = number(values.accounts, 'accounts');
  const changed = Object.fromEntries(
    Object.keys(ASSUMED).flatMap((name) => {
      const given = values[optionOf(name)];
      return given === undefined ? [] : [[name, number(given, optionOf(name))]];
    }),
  );
  const { rookeryMonthly, napcatMonthly, ...rest } = estimate(accounts, changed);
  const line = (name, value) => console.log(`  ${name.padEnd(22)} ${value}`);
  console.log(`${accounts} accounts need, at their busiest minute and with one process of each kind to spare:`);
  for (const [name, value] of Object.entries(rest)) line(name, Number(value.toFixed(1)));
  line('rookeryMonthly', `${Math.round(rookeryMonthly)} per month for Rookery and Redis`);
  line('napcatMonthly', `${Math.round(napcatMonthly)} per month for NapCat`);
  if (rest.redisShards > 1)
    console.log(
      '  More than one shard: the masters of a Redis Cluster (docs/redis.md), or several clusters, each with a Redis of its own.',
    );
  if (accounts > 10_000)
    console.log(
      '  rookery.yaml lists at most 10000 accounts; more are added at run time. So large a table of leases was never tried.',
    );
  console.log('\nMeasured (test/bench/RESULTS.md):');
  for (const [name, { value, from }] of Object.entries(MEASURED)) line(name, `${value}  ${from}`);
  console.log('\nAssumed (an option each, as --received-per-minute):');
  for (const [name, { value, what }] of Object.entries(ASSUMED)) line(name, `${changed[name] ?? value}  ${what}`);
}

try {
  main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
