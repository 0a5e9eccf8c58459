/**
 * A process that stands for NapCats: one forward server, one path per account. Takes orders from its parent over IPC.
 * `saturate` writes as fast as the sockets take it, but never more than `allowed` events in all; `steady` writes each event
 * at its time, and stamps it with that time even when it is late (so that a stall counts for all whom it delays).
 */
import { WebSocketServer } from 'ws';
import { micros, templatesOf, writeFrame } from './frames.mjs';

const EVERY_NTH_IS_COMMAND = 20;
const CHUNK = 32;
const CHUNK_BYTES = 64 * 1024;

const { BENCH_FIRST_SELF, BENCH_GROUPS_EACH } = process.env;
const [FIRST_SELF, GROUPS_EACH] = [Number(BENCH_FIRST_SELF), Number(BENCH_GROUPS_EACH)];
const links = new Map();
let made = 0;
let allowed = 0;

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false }, () =>
  process.send({ type: 'listening', port: server.address().port }),
);

server.on('connection', (ws, request) => {
  const self = Number(request.url.slice(1));
  const greeting = { time: Math.floor(Date.now() / 1000), self_id: self, post_type: 'meta_event' };
  ws.send(JSON.stringify({ ...greeting, meta_event_type: 'lifecycle', sub_type: 'connect' }));
  ws.on('message', (data) => {
    const request = JSON.parse(data);
    ws.send(JSON.stringify(answer(self, request)));
    if (request.action === 'send_group_msg') answered(self, request.params.message);
  });
  ws.on('close', () => links.delete(self));
  links.set(self, { socket: ws._socket, full: false, templates: templatesOf(self, self - FIRST_SELF, GROUPS_EACH) });
});

/** What a connector asks after the greeting. */
function answer(self, { action, echo }) {
  const data = {
    get_login_info: { user_id: self, nickname: 'bench' },
    get_status: { online: true, good: true },
    send_group_msg: { message_id: made },
  };
  return { status: 'ok', retcode: 0, data: data[action] ?? {}, message: '', wording: '', echo };
}

function write(link, count, pick) {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let end = 0;
  for (let i = 0; i < count; i++) {
    const { template, stamp } = pick();
    end = writeFrame(buffer, end, template, made++, stamp);
  }
  if (link.socket.write(buffer.subarray(0, end))) return;
  link.full = true;
  link.socket.once('drain', () => (link.full = false));
}

const mixed = ({ chatter, command }) => {
  const isCommand = made % EVERY_NTH_IS_COMMAND === 0;
  const choice = isCommand ? command : chatter;
  return { template: choice[made % choice.length], stamp: 0 };
};

function saturate(total) {
  const last = made + total;
  const limit = made;
  const turn = () => {
    let wrote = false;
    for (const link of links.values()) {
      const count = Math.min(CHUNK, last - made, limit + allowed - made);
      if (count <= 0 || link.full) continue;
      write(link, count, () => mixed(link.templates));
      wrote = true;
    }
    if (made >= last) process.send({ type: 'sent' });
    else if (wrote) setImmediate(turn);
    else setTimeout(turn, 1);
  };
  turn();
}

/** So many commands at any rate, since it is their handler that reads the stamp. */
function steady(perSecond, seconds, commandsPerSecond) {
  const begin = micros();
  const total = perSecond * seconds;
  const everyNth = perSecond / commandsPerSecond;
  const all = [...links.values()];
  let count = 0;
  const turn = () => {
    for (let due; count < total && (due = begin + (count * 1e6) / perSecond) <= micros(); count++) {
      const link = all[count % all.length];
      const choice = count % everyNth === 0 ? link.templates.command : link.templates.chatter;
      write(link, 1, () => ({ template: choice[made % choice.length], stamp: Math.floor(due) }));
    }
    if (count < total) setTimeout(turn, 1);
    else process.send({ type: 'sent' });
  };
  turn();
}

/**
 * Commands in every group but those of the first account, so many a second and group, and beside them `times` as many in one group of the
 * first, or, `spread`, in all those groups together. Only those that are always there are stamped.
 */
function hot({ perSecond, seconds, times, spread }) {
  const [first, ...others] = [...links.values()];
  const groups = others.flatMap((link) => link.templates.command.map((template) => ({ link, template })));
  const loud = spread ? groups : [{ link: first, template: first.templates.command[0] }];
  const begin = micros();
  const streams = [
    { all: perSecond * groups.length, among: groups, count: 0, isStamped: true },
    { all: perSecond * times, among: loud, count: 0, isStamped: false },
  ];
  const turn = () => {
    for (const stream of streams) {
      const due = () => begin + (stream.count * 1e6) / stream.all;
      for (; stream.count < stream.all * seconds && due() <= micros(); stream.count++) {
        const { link, template } = stream.among[stream.count % stream.among.length];
        const stamp = stream.isStamped ? Math.floor(due()) : 0;
        write(link, 1, () => ({ template, stamp }));
      }
    }
    if (streams.some(({ all, count }) => count < all * seconds)) setTimeout(turn, 1);
    else process.send({ type: 'sent', stamped: streams[0].count, all: streams[0].count + streams[1].count });
  };
  turn();
}

let onAnswer = () => undefined;

/** What was said in a group: as a text or in segments. */
function answered(self, message) {
  const stamp = /\d{18}/.exec(JSON.stringify(message))?.[0];
  if (stamp !== undefined) onAnswer(links.get(self), Number(stamp));
}

/**
 * Closed loop: so many questions are open at any time, and each answer lets the next one be asked. Ends when those are answered that are
 * still open when the time is over; they do not count.
 */
function converse(inFlight, seconds) {
  const all = [...links.values()];
  const begin = micros();
  const end = begin + seconds * 1e6;
  const waits = [];
  let open = 0;
  const ask = (link) => {
    const { question } = link.templates;
    open += 1;
    write(link, 1, () => ({ template: question[made % question.length], stamp: micros() }));
  };
  onAnswer = (link, stamp) => {
    open -= 1;
    if (micros() < end) {
      waits.push(micros() - stamp);
      ask(link);
    } else if (open === 0) process.send({ type: 'conversed', perSecond: waits.length / seconds, waits });
  };
  for (let i = 0; i < inFlight; i++) ask(all[i % all.length]);
}

process.on('message', (order) => {
  if (order.type === 'allow') allowed = order.events;
  else if (order.type === 'saturate') saturate(order.total);
  else if (order.type === 'converse') converse(order.inFlight, order.seconds);
  else if (order.type === 'hot') hot(order);
  else if (order.type === 'steady') steady(order.perSecond, order.seconds, order.commandsPerSecond);
});
process.on('disconnect', () => process.exit(0));
