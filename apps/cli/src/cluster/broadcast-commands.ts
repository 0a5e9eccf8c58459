import { readFile } from 'node:fs/promises';
import {
  plainText,
  RookeryError,
  toError,
  type BroadcastDetails,
  type BroadcastId,
  type BroadcastStatus,
  type BroadcastWish,
} from '@rookery/protocol';
import type { BroadcastControl } from '@rookery/service';
import { CommandFailure } from '../failure';
import type { CommandContext, CommandOptions } from './account-commands';
import { oneLine } from './show';
import { age, table, type Cell } from './table';

export interface SendOptions extends CommandOptions {
  readonly pool?: string;
  readonly friends?: boolean;
  readonly groups?: string;
  readonly users?: string;
  readonly file?: string;
  readonly spread?: number;
  readonly jitter?: number;
  readonly expires?: number;
}

/** The commands on broadcasts of a running cluster. Each resolves with the exit code. */
export class BroadcastCommands {
  constructor(
    private readonly control: BroadcastControl,
    private readonly context: CommandContext,
  ) {}

  /** The text is an argument, or comes from a file, or from standard input. */
  async send(text: string | undefined, options: SendOptions): Promise<number> {
    const { pool, spread, jitter, expires, json } = options;
    const started = await this.control.start(
      {
        to: await this.#audience(options),
        message: await this.#text(text, options.file),
        ...(pool !== undefined && { pool }),
        ...(spread !== undefined && { spreadSeconds: spread }),
        ...(jitter !== undefined && { jitter }),
        ...(expires !== undefined && { expiresSeconds: expires }),
      },
      'cli',
    );
    const { print } = this.context;
    if (json) print(`${JSON.stringify(started)}\n`);
    else {
      print(`broadcast ${started.id} has begun; \`rookery broadcast show ${started.id}\` tells how far it is\n`);
      print(`群发 ${started.id} 已开始，用 rookery broadcast show ${started.id} 查看进度。\n`);
    }
    return 0;
  }

  async list({ json, limit }: CommandOptions & { readonly limit: number }): Promise<number> {
    const found = await this.control.list(limit);
    this.context.print(json ? `${JSON.stringify(found)}\n` : broadcastTable(found, this.context.clock.now()));
    return 0;
  }

  /** 2 when it has ended and not every target was reached, so that scripts can ask. */
  async show(id: BroadcastId, { json, failures }: CommandOptions & { readonly failures: number }): Promise<number> {
    const found = await this.control.find(id, failures);
    this.context.print(json ? `${JSON.stringify(found)}\n` : broadcastDetails(found));
    return found.endedAt !== undefined && found.counts.sent < found.counts.total ? 2 : 0;
  }

  async want(id: BroadcastId, wish: BroadcastWish, { json }: CommandOptions): Promise<number> {
    const found = await this.control.want(id, wish);
    this.context.print(json ? `${JSON.stringify(found)}\n` : broadcastTable([found], this.context.clock.now()));
    return 0;
  }

  async #audience(options: SendOptions): Promise<unknown> {
    const { friends, groups, users } = options;
    if (friends === true && (groups !== undefined || users !== undefined)) {
      throw new CommandFailure(
        '--friends means all friends; leave it out to name some\n--friends 表示全部好友，不能与名单同时使用。',
      );
    }
    if (friends === true) return 'friends';
    if (groups === undefined && users === undefined) return 'groups';
    return { groups: await numbers(groups), users: await numbers(users) };
  }

  async #text(argument: string | undefined, file: string | undefined): Promise<string> {
    if (argument !== undefined && file !== undefined) {
      throw new CommandFailure('give the text or --file, not both\n请只给出文字或 --file 之一。');
    }
    const text = argument ?? (file === undefined ? await this.context.readInput() : await contentOf(file));
    return text.replace(/\r?\n$/, '');
  }
}

/** `1,2,3`, or `@file` with numbers apart by anything. */
async function numbers(given: string | undefined): Promise<string[]> {
  if (given === undefined) return [];
  const text = given.startsWith('@') ? await contentOf(given.slice(1)) : given;
  return text.split(/[\s,;，；]+/).filter((part) => part !== '');
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    throw new RookeryError('BROADCAST_INVALID', `${file} cannot be read: ${toError(thrown).message}`);
  }
}

function broadcastTable(found: readonly BroadcastStatus[], now: number): string {
  if (found.length === 0) return 'There is no broadcast.\n还没有群发。\n';
  const rows = found.map(({ id, pool, audience, state, counts, createdBy, createdAt, message }): Cell[] => [
    { text: id },
    { text: state },
    { text: `${counts.sent}/${counts.total}` },
    { text: String(counts.refused + counts.not_sent) },
    { text: String(counts.unknown) },
    { text: `${pool} ${audience}` },
    { text: age(now - createdAt) },
    { text: createdBy },
    { text: oneLine(plainText(message)).slice(0, 40) },
  ]);
  return table(['ID', 'STATE', 'SENT', 'FAILED', 'UNKNOWN', 'TO', 'AGE', 'BY', 'TEXT'], rows);
}

function broadcastDetails(found: BroadcastDetails): string {
  const { id, pool, audience, state, counts, createdBy, createdAt, expiresAt, endedAt, spreadMs, message } = found;
  const at = (time: number) => new Date(time).toISOString();
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['broadcast', id],
    ['state', state],
    ['to', `${audience} of pool ${pool}`],
    ['text', oneLine(plainText(message))],
    ['sent', `${counts.sent} of ${counts.total} / 已发 ${counts.sent}，共 ${counts.total}`],
    ['waiting', `${counts.waiting}, in hand ${counts.inHand} / 等待 ${counts.waiting}，进行中 ${counts.inHand}`],
    ['refused', `${counts.refused}, not sent ${counts.not_sent}, unknown ${counts.unknown}`],
    ['spread', spreadMs === 0 ? undefined : `over ${spreadMs / 1000} s`],
    ['begun', `${at(createdAt)} by ${createdBy}`],
    ['expires', endedAt === undefined ? at(expiresAt) : undefined],
    ['ended', endedAt === undefined ? undefined : at(endedAt)],
  ];
  const facts = lines
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(11)}${value}\n`]))
    .join('');
  if (found.failures.length === 0) return facts;
  const rows = found.failures.map(({ target, outcome, code, self, message: text }): Cell[] => [
    { text: `${target.startsWith('g') ? 'group' : 'user'} ${target.slice(1)}` },
    { text: outcome },
    { text: code },
    { text: self ?? '-' },
    { text: oneLine(text) },
  ]);
  return `${facts}\n${table(['TARGET', 'OUTCOME', 'CODE', 'ACCOUNT', 'MESSAGE'], rows)}`;
}
