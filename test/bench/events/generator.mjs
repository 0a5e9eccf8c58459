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
  ws.on('message', (data) => ws.send(JSON.stringify(answer(self, JSON.parse(data)))));
  ws.on('close', () => links.delete(self));
  links.set(self, { socket: ws._socket, full: false, templates: templatesOf(self) });
});

/** What a connector asks after the greeting. */
function answer(self, { action, echo }) {
  const data = { get_login_info: { user_id: self, nickname: 'bench' }, get_status: { online: true, good: true } };
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

process.on('message', (order) => {
  if (order.type === 'allow') allowed = order.events;
  else if (order.type === 'saturate') saturate(order.total);
  else if (order.type === 'steady') steady(order.perSecond, order.seconds, order.commandsPerSecond);
});
process.on('disconnect', () => process.exit(0));
