#!/usr/bin/env node
/**
 * What it costs to find out that a message calls nothing: 50 plugins with 500 commands, 100 keywords and 20 expressions, against a bare
 * comparison of strings in the same run. Needs a build. `--quick`, `--json FILE`.
 */
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { median, Report } from './report.mjs';

const require = createRequire(import.meta.url);
const { RouteTable } = require('../../dist/apps/worker/src/dispatch/route-table.js');
const { BotPlugin, Command, Keyword, On, Regex, manifestOf } = require('../../dist/libs/plugin-kit/src/index.js');

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } });
const PLUGINS = 50;
const COMMANDS = 10;
const GOAL_US = 20;
const summary = { zh: '测试', en: 'Test' };
const nothing = { value: () => undefined };

function plugin(index, expressions) {
  class Plugin {}
  const add = (decorate, method) => {
    Plugin.prototype[method] = () => undefined;
    decorate(Plugin.prototype, method, nothing);
  };
  for (let n = 0; n < COMMANDS; n++) {
    const pattern = `command${index}x${n} [sides:int(2..100)=6] [note:text...]`;
    add(Command(pattern, { summary, alias: `指令${index}号${n}` }), `command${n}`);
  }
  add(Keyword([`keyword${index}`, `关键词${index}`]), 'keyword');
  if (index < expressions) add(Regex(`^(\\d+)d(\\d+)k${index}$`), 'regex');
  add(On('notice.group_increase'), 'joined');
  BotPlugin({ id: `plugin-${index}` })(Plugin);
  return manifestOf(Plugin);
}

function message(text) {
  const sender = { userId: '42', nickname: 'n', card: '', role: 'member' };
  const scene = { kind: 'group', groupId: '7' };
  const base = { id: 'm.1', self: '10001', pool: 'default', conversation: 'group:default:7', time: 0, receivedAt: 0 };
  return {
    ...base,
    type: 'message',
    scene,
    subType: 'normal',
    sender,
    segments: [{ type: 'text', data: { text } }],
    text,
    own: false,
  };
}

const TEXTS = [
  '早上好，今天吃什么',
  'ok',
  'the weather is nice today, is it not',
  '哈哈哈哈哈哈',
  '[图片] 看看这个 https://example.org/x?y=1',
];
const messages = TEXTS.map(message);
const ROUNDS = options.quick === true ? 5 : 15;
const PER_ROUND = options.quick === true ? 10_000 : 40_000;

/** Median over the rounds, µs per message. */
function measure(work) {
  let kept = 0;
  const rounds = Array.from({ length: ROUNDS + 2 }, () => {
    const start = process.hrtime.bigint();
    for (let n = 0; n < PER_ROUND; n++) kept += work(messages[n % messages.length]) ? 1 : 0;
    return Number(process.hrtime.bigint() - start) / 1_000 / PER_ROUND;
  });
  if (kept > 0) throw new Error(`${kept} messages called something; this bench measures those that do not`);
  return median(rounds.slice(2));
}

const table = (expressions) =>
  new RouteTable({
    manifests: Array.from({ length: PLUGINS }, (_, index) => plugin(index, expressions)),
    prefixes: ['/'],
    fleet: new Set(['10001']),
  });

const plain = table(0);
const full = table(20);
const bare = measure(({ text }) => text === '/command');
const commands = measure((event) => plain.match(event).length > 0);
const all = measure((event) => full.match(event).length > 0);

const report = new Report();
const row = (what, us) =>
  report.row({ what, 'µs per message': Number(us.toFixed(3)), 'times a comparison': Math.round(us / bare) });
row('a bare comparison', bare);
row('500 commands (1,000 names), 100 keywords', commands);
row('the same and 20 expressions', all);
report.figure('compare_us', bare, 'µs');
report.figure('commands_us', commands, 'µs', { atMost: GOAL_US });
report.figure('all_us', all, 'µs', { atMost: GOAL_US });
report.figure('ratio', all / bare, 'times a comparison');
report.end(options.json);
