#!/usr/bin/env node
/**
 * What the codec costs: CPU time per frame on one core, beside plain JSON.parse of the same frames in the same run. Needs a
 * build. `--quick` runs a fifth of the rounds; `--json FILE` writes figure → { value, unit, goal, ok }. Exits 1 when a figure
 * misses its goal.
 */
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { median, Report } from './report.mjs';

const require = createRequire(import.meta.url);
const onebot = require('../../dist/libs/onebot/src/index.js');
const { parseCq } = require('../../dist/libs/protocol/src/index.js');
const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } });

const FRAMES = 1000;
const ROUNDS = options.quick === true ? 50 : 250;
const WARM_UP = 20;

const self = 3889000001;
const url = 'https://multimedia.example.invalid/download?appid=1407&fileid=AbC&rkey=CAQS';
const image = { file: '8F2C0B1D6E7A4953A1B2C3D4E5F60718.png', sub_type: 0, url, file_size: '48213' };
const at = { type: 'at', data: { qq: String(self) } };
const say = (text) => ({ type: 'text', data: { text } });

/** The bare form of a group message: three segments in some 300 bytes. */
const plain = (i) => ({
  ...{
    self_id: self,
    user_id: 1500000000 + i,
    time: 1786700000,
    message_id: 935560802 - i,
    real_seq: String(20538 + i),
  },
  ...{
    post_type: 'message',
    message_type: 'group',
    sub_type: 'normal',
    group_id: 712345678,
    sender: { nickname: 'Lin' },
  },
  message: [at, say(' /天气 上海'), { type: 'face', data: { id: '178' } }],
});
/** The same with all that NapCat sends, a quote and a picture: some 900 bytes. */
const full = (i) => ({
  ...plain(i),
  ...{ message_seq: 935560802 - i, real_id: 935560802 - i, font: 14, message_format: 'array', group_name: '晚风小组' },
  sender: { user_id: 1500000000 + i, nickname: 'Lin', card: '值日生 Lin', role: 'member' },
  raw_message: `[CQ:reply,id=82214277][CQ:at,qq=${self}] /天气 上海[CQ:image,file=${image.file},url=${url.replaceAll('&', '&amp;')}]`,
  message: [{ type: 'reply', data: { id: '82214277' } }, at, say(' /天气 上海'), { type: 'image', data: image }],
});
const string = (i) => ({ ...plain(i), message: `[CQ:at,qq=${self}] /天气 上海[CQ:face,id=178]` });
const poke = (i) => ({
  ...{ time: 1786700020 + i, self_id: self, post_type: 'notice', notice_type: 'notify', sub_type: 'poke' },
  ...{ target_id: self, user_id: 1500000021, group_id: 712345678, raw_info: [{ txt: '戳了戳', type: 'nor' }] },
});
const long = (i) => ({ ...plain(i), message: Array.from({ length: 100 }, (_, n) => say(`第 ${n} 行`)) });

const ordinals = new onebot.Ordinals();
const reader = {
  self: String(self),
  pool: 'default',
  receivedAt: 1_786_700_100_000,
  ordinal: (key) => ordinals.next(key),
};

function codec(text) {
  const decoded = onebot.decodeFrame(text);
  if (decoded.kind !== 'event') throw new Error(`not an event: ${JSON.stringify(decoded)}`);
  const normalized = onebot.normalizeEvent(decoded.frame, reader);
  if (!normalized.ok) throw new Error(`${normalized.reason}: ${normalized.detail}`);
  return normalized.event;
}

/** Time per frame of one round, in µs. The process does nothing else, so wall time is CPU time. */
function round(frames, work) {
  const start = process.hrtime.bigint();
  for (const frame of frames) work(frame);
  return Number(process.hrtime.bigint() - start) / 1000 / frames.length;
}

/** Rounds of both in turn, so that a noisy neighbour slows both down; medians, and the median of the rounds' ratios. */
function compare(frames, reference, work) {
  const rounds = [];
  for (let i = 0; i < WARM_UP + ROUNDS; i++) {
    const [of, ours] = [round(frames, reference), round(frames, work)];
    if (i >= WARM_UP) rounds.push({ of, ours, ratio: ours / of });
  }
  return {
    of: median(rounds.map((row) => row.of)),
    ours: median(rounds.map((row) => row.ours)),
    ratio: median(rounds.map((row) => row.ratio)),
  };
}

const report = new Report();

/** `goals`: µs and ratio that must not be passed; figures without one are for comparison. */
function bench(name, title, make, goals = {}) {
  const frames = Array.from({ length: FRAMES }, (_, i) => JSON.stringify(make(i)));
  const bytes = Math.round(frames.reduce((sum, frame) => sum + Buffer.byteLength(frame), 0) / FRAMES);
  const { of, ours, ratio } = compare(frames, JSON.parse, codec);
  report.figure(`${name}_us`, ours, 'µs', goals.us);
  report.figure(`${name}_json_parse_us`, of, 'µs');
  report.figure(`${name}_ratio`, ratio, '×', goals.ratio);
  report.row({ frame: title, bytes, 'JSON.parse µs': fixed(of), 'codec µs': fixed(ours), ratio: fixed(ratio) });
}

function fixed(value) {
  return value.toFixed(2);
}

bench('group_message', 'group message, 3 segments', plain, { us: { atMost: 15 }, ratio: { atMost: 3 } });
bench('group_message_full', 'the same with all fields of NapCat', full, { us: { atMost: 30 }, ratio: { atMost: 3 } });
bench('group_message_string', 'the same in string form', string);
bench('poke', 'poke (content digest as id)', poke);
bench('long_message', 'group message, 100 segments', long);

const hostile = '[CQ:'.repeat(100_000);
const parsing = compare([hostile], JSON.stringify, parseCq).ours / 1000;
report.figure('unclosed_cq_codes_ms', parsing, 'ms', { atMost: 20 });
console.log(`100,000 unclosed CQ codes (400 kB): ${fixed(parsing)} ms`);
report.end(options.json);
