import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toError } from '@rookery/protocol';
import { CommandFailure } from '../failure';
import { readAccountList } from './account-list';
import {
  accountsYaml,
  composeYaml,
  napcatSettings,
  portsMissing,
  settingsFile,
  tokenFile,
  type NapcatOptions,
} from './napcat-files';

export interface ComposeOptions extends NapcatOptions {
  /** Comma-separated file. */
  readonly accounts: string;
  /** The folder `compose` beside compose.yaml. */
  readonly out: string;
}

export interface ComposeContext {
  readonly newToken: () => string;
  readonly note: (text: string) => void;
}

const MAX_BYTES = 1024 * 1024;

/**
 * Writes what many NapCat containers need. Tokens go to files of this user alone and are never printed. Tokens and NapCat's settings that are
 * there already stay, since NapCat's web page may have changed them; the two lists of accounts are written anew.
 */
export function writeCompose(options: ComposeOptions, { newToken, note }: ComposeContext): void {
  const accounts = readAccountList(readList(options.accounts), options.accounts);
  const missing = portsMissing(accounts.length, options);
  if (missing > 0) {
    throw new CommandFailure(
      `there are ${missing} ports too few above --web-port ${options.webPort}; name a lower one\n端口不够，请用 --web-port 指定更小的起始端口。`,
    );
  }
  let kept = 0;
  for (const account of accounts) {
    const tokenPath = join(options.out, tokenFile(account.self));
    const settingsPath = join(options.out, settingsFile(account.self));
    if (!existsSync(tokenPath)) writePrivate(tokenPath, newToken());
    const token = readFileSync(tokenPath, 'utf8').trim();
    mkdirSync(join(options.out, 'napcat', account.self, 'qq'), { recursive: true, mode: 0o700 });
    if (existsSync(settingsPath)) kept += 1;
    else writePrivate(settingsPath, napcatSettings(account, token, options));
  }
  writeFileSync(join(options.out, 'accounts.yaml'), accountsYaml(accounts));
  writeFileSync(join(options.out, 'napcat.yaml'), composeYaml(accounts, options));
  note(`${accounts.length} accounts: ${join(options.out, 'napcat.yaml')}, ${join(options.out, 'accounts.yaml')}`);
  if (kept > 0) {
    note(
      `${kept} accounts had settings of NapCat already, which stay; \`rookery doctor --napcat ${join(options.out, 'napcat')}\` compares them`,
    );
  }
  note(
    'Log in: web pages of NapCat on 127.0.0.1 from port ' +
      `${options.webPort} / 在 NapCat 网页中登录，端口从 ${options.webPort} 起`,
  );
}

function readList(path: string): string {
  try {
    if (statSync(path).size > MAX_BYTES) throw new CommandFailure(`${path} has more than ${MAX_BYTES} bytes`);
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof CommandFailure) throw thrown;
    throw new CommandFailure(`${path} cannot be read: ${toError(thrown).message}\n无法读取该文件。`);
  }
}

function writePrivate(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode: 0o600 });
}
