import { Document } from 'yaml';
import type { ListedAccount } from './account-list';

export interface NapcatOptions {
  /** NapCat's image with its version. */
  readonly image: string;
  /** Where NapCats dial: `ws://connector:6199/onebot/v11/ws`. */
  readonly reverseUrl: string;
  /** Port of this machine for the web page of the first NapCat; the others count up. */
  readonly webPort: number;
}

/** Where a NapCat listens for a connector, inside its container. */
const FORWARD_PORT = 3001;
const LAST_PORT = 65_535;

/** Ports beyond the last one there is. */
export const portsMissing = (accounts: number, { webPort }: NapcatOptions): number =>
  Math.max(0, webPort + accounts - 1 - LAST_PORT);

export const tokenFile = (self: string) => `secrets/accounts/${self}.token`;
export const settingsFile = (self: string) => `napcat/${self}/config/onebot11_${self}.json`;

/** NapCat's own settings of one account: one entry, for Rookery alone. */
export function napcatSettings({ mode }: ListedAccount, token: string, { reverseUrl }: NapcatOptions): string {
  const entry = {
    name: 'rookery',
    enable: true,
    token,
    messagePostFormat: 'array',
    reportSelfMessage: true,
    heartInterval: 30_000,
    debug: false,
  };
  const empty = { httpServers: [], httpSseServers: [], httpClients: [], websocketServers: [], websocketClients: [] };
  const network =
    mode === 'reverse'
      ? { ...empty, websocketClients: [{ ...entry, url: reverseUrl, reconnectInterval: 5_000 }] }
      : // Of the network of containers alone: no port of it is published.
        { ...empty, websocketServers: [{ ...entry, host: '0.0.0.0', port: FORWARD_PORT }] };
  return `${JSON.stringify({ network, musicSignUrl: '', enableLocalFile2Url: false, parseMultMsg: false }, null, 2)}\n`;
}

/** The accounts for ROOKERY_FLEET (or to be copied into rookery.yaml); tokens by file, relative to this one. */
export function accountsYaml(accounts: readonly ListedAccount[]): string {
  const document = new Document({
    accounts: accounts.map(({ self, mode, pool, since }) => ({
      selfId: self,
      mode,
      ...(mode === 'forward' && { url: `ws://napcat-${self}:${FORWARD_PORT}` }),
      token: `\${file:${tokenFile(self)}}`,
      ...(pool !== 'default' && { pool }),
      ...(since !== '' && { since }),
    })),
  });
  document.commentBefore = ' Written by `rookery compose`; ROOKERY_FLEET names it.';
  return document.toString();
}

/** One service per account in the profile `napcat`, and the accounts for the processes of compose.yaml. */
export function composeYaml(accounts: readonly ListedAccount[], options: NapcatOptions): string {
  const withAccounts = {
    environment: { ROOKERY_FLEET: '/etc/rookery/accounts.yaml' },
    volumes: [
      './compose/accounts.yaml:/etc/rookery/accounts.yaml:ro',
      './compose/secrets/accounts:/etc/rookery/secrets/accounts:ro',
    ],
  };
  const roles = ['connector', 'worker', 'console'].map((role) => [role, withAccounts]);
  const napcats = accounts.map((account, index) => [`napcat-${account.self}`, service(account, index, options)]);
  const document = new Document(
    { services: Object.fromEntries([...roles, ...napcats]) },
    { aliasDuplicateObjects: false },
  );
  document.commentBefore =
    ' Written by `rookery compose`. Beside compose.yaml:\n' +
    '   docker compose -f deploy/compose.yaml -f deploy/compose/napcat.yaml --profile napcat up -d\n' +
    ' Paths start at the folder of compose.yaml. Web pages of NapCat, for logging in, are on loopback only.';
  return document.toString();
}

function service({ self }: ListedAccount, index: number, { image, webPort }: NapcatOptions) {
  return {
    image,
    profiles: ['napcat'],
    restart: 'unless-stopped',
    // QQ takes a machine whose address changes for a new one, and asks to log in again.
    mac_address: macAddress(self),
    environment: { ACCOUNT: self, NAPCAT_UID: '${ROOKERY_UID:-1000}', NAPCAT_GID: '${ROOKERY_GID:-1000}' },
    volumes: [`./compose/napcat/${self}/config:/app/napcat/config`, `./compose/napcat/${self}/qq:/app/.config/QQ`],
    ports: [`127.0.0.1:${webPort + index}:6099`],
    networks: ['outer'],
    logging: { driver: 'local', options: { 'max-size': '10m', 'max-file': '3' } },
  };
}

/** Locally administered, the same for an account at every run, and another one for every account below 2^40. */
function macAddress(self: string): string {
  const digits = (BigInt(self) % (1n << 40n)).toString(16).padStart(10, '0');
  return ['02', ...(digits.match(/../g) ?? [])].join(':');
}
