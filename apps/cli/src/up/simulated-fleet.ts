import type { RookeryConfig } from '@rookery/config';

export interface FleetSize {
  readonly accounts: number;
  /** Messages per second over all groups. */
  readonly rate: number;
}

export const DEFAULT_FLEET: FleetSize = { accounts: 3, rate: 2 };

/** Shared groups: a few accounts share two, many accounts have one group for every five. */
export const groupsFor = (accounts: number) => Math.min(Math.max(2, Math.ceil(accounts / 5)), 1000);

/** Every third simulated account dials in as a reverse one, where the connector's port is known before it starts. */
export function simulatorArguments(config: RookeryConfig, { accounts, rate }: FleetSize): string[] {
  const { port } = config.reverse;
  const options = {
    accounts,
    rate,
    groups: groupsFor(accounts),
    logLevel: config.log.level,
    ...(port !== 0 && { reverseUrl: reverseUrl(config) }),
  };
  return ['--options', JSON.stringify(options)];
}

const WILDCARDS = ['0.0.0.0', '::'];

/** Where a NapCat on this machine dials. */
export function reverseUrl({ reverse }: RookeryConfig): string {
  const host = WILDCARDS.includes(reverse.host) ? '127.0.0.1' : reverse.host;
  return `ws://${host.includes(':') ? `[${host}]` : host}:${reverse.port}${reverse.path}`;
}
