import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@rookery/protocol';
import { ActionFailure, type Call, type Process } from '../actions/call';
import { perform } from '../actions/perform';
import { seededRandom } from '../random';
import type { Frame, MessageFormat } from '../world/account';
import { World } from '../world/world';

export const SELF = '3889000001';
export const OTHER = '3889000002';
export const LIN = '1500000021';
export const WEN = '1500000022';
/** In no common group and nobody's friend. */
export const STRANGER = '1500000099';
export const GROUP = '712345678';

/** One event example of the protocol's fact table. */
export interface EventExample {
  readonly id: string;
  readonly emitted_by_napcat: boolean;
  readonly example: Readonly<Record<string, unknown>>;
}

export function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(join(__dirname, '../../../../test/fixtures/protocol', name), 'utf8')) as T;
}

/** Two accounts, the owner Lin and the member Wen in one group; both are friends of the accounts. No sockets. */
export function stage<C extends Clock>(ClockKind: new () => C) {
  const clock = new ClockKind();
  const world = new World({ clock, random: seededRandom(7) });
  const { directory } = world;
  directory.addAccount(SELF, '小助手');
  directory.addAccount(OTHER, '值日生');
  directory.addUser(LIN, 'Lin');
  directory.addUser(WEN, '阿文');
  directory.addUser(STRANGER, '路人');
  directory.addGroup(GROUP, '晚风小组');
  directory.join(GROUP, LIN, { role: 'owner', card: '值日生 Lin' });
  for (const userId of [WEN, SELF, OTHER]) directory.join(GROUP, userId);
  for (const self of [SELF, OTHER]) directory.befriend(self, LIN);
  return { clock, world };
}

/** Collects what an account would be told. */
export function listen(world: World, self: string, format: MessageFormat = 'array'): Frame[] {
  const frames: Frame[] = [];
  world.directory.account(self).sink = { deliver: (make) => frames.push(make(format)) };
  return frames;
}

/** Calls an action as if it had come over a socket, without one. */
export function caller(world: World, self = SELF, process: Partial<Process> = {}) {
  const running: Process = {
    packetBackend: true,
    uploads: new Map(),
    files: new Map(),
    restart: () => undefined,
    ...process,
  };
  return (action: string, params: Call['params'] = {}): unknown =>
    perform({ world, account: world.directory.account(self), process: running, action, params, effect: {} });
}

/** The refusal that the call ends with. */
export function refusal(call: () => unknown): { retcode: number; text: string } {
  try {
    call();
  } catch (error) {
    if (error instanceof ActionFailure) return { retcode: error.retcode, text: error.message };
    throw error;
  }
  throw new Error('the call was not refused');
}

/** Field names, order and types of a frame, without its values. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]);
}
