/**
 * Group messages as NapCat sends them, as ready WebSocket frames: the numbers that differ from message to message have a fixed
 * width and are written into a copy of the bytes, so that making a frame costs the generator next to nothing.
 */
const WIDTH = { id: 10, seq: 8, stamp: 18, user: 10 };
const MARK = { id: '9999999991', seq: '99999992', stamp: '999999999999999993', user: '9999999994' };
const FIRST_ID = 1_000_000_000;
/** Of full width: a number with leading zeros is none, and the message would be known by its content, which costs more. */
const FIRST_SEQ = 10_000_000;
/** Many people talk in turn: one who alone kept calling commands would be taken for a bot, and ignored. */
const PEOPLE = { first: 1_500_000_000, count: 997 };

const TALK = [
  '今天食堂的排骨不错',
  '有人一起打球吗，五点半北门集合',
  '哈哈哈哈',
  'ok',
  '这个报错有人见过吗？重启之后就好了',
];

/**
 * The frames of one account in so many groups of its own: `chatter` that nothing wants, `command` that calls the handler of the
 * bench, and `question` that it answers. `place`: of the account among all.
 */
export function templatesOf(self, place, groupsEach) {
  const groups = Array.from({ length: groupsEach }, (_, i) => 700_000_000 + place * groupsEach + i);
  // Many groups need not say everything; the memory of the generator is no part of the comparison, but has an end.
  const lines = groupsEach > 100 ? TALK.slice(0, 1) : TALK;
  return {
    chatter: groups.flatMap((group) =>
      lines.map((text, i) => template(self, group, [say(text), ...(i === 0 ? [image()] : [])])),
    ),
    command: groups.map((group) => template(self, group, [say(`/bench ${MARK.stamp}`)])),
    question: groups.map((group) => template(self, group, [say(`/answer ${MARK.stamp}`)])),
  };
}

const say = (text) => ({ type: 'text', data: { text } });
const image = () => ({
  type: 'image',
  data: {
    ...{ summary: '', file: '8F2C0B1D6E7A4953A1B2C3D4E5F60718.png', sub_type: 0, file_size: '48213' },
    url: 'https://multimedia.example.invalid/download?appid=1407&fileid=AbC&rkey=CAQS',
  },
});

function template(self, group, message) {
  const user = Number(MARK.user);
  const id = Number(MARK.id);
  const text = JSON.stringify({
    ...{
      self_id: self,
      user_id: user,
      time: Math.floor(Date.now() / 1000),
      message_id: id,
      message_seq: id,
      real_id: id,
    },
    ...{
      real_seq: MARK.seq,
      message_type: 'group',
      sender: { user_id: user, nickname: 'Lin', card: '值日生 Lin', role: 'member' },
    },
    ...{ raw_message: message[0].data.text, font: 14, sub_type: 'normal', message, message_format: 'array' },
    ...{ post_type: 'message', group_id: group, group_name: '晚风小组' },
  });
  const bytes = frame(text);
  return { bytes, places: Object.entries(MARK).map(([key, mark]) => ({ key, all: placesOf(bytes, mark) })) };
}

/** One unmasked text frame, as a server sends it (RFC 6455, section 5.2). */
function frame(text) {
  const payload = Buffer.from(text);
  const head = Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, payload]);
}

function placesOf(bytes, mark) {
  const places = [];
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) places.push(at);
  return places;
}

/** Writes message number `n` into `target` and returns where it ends. `stamp`: microseconds. */
export function writeFrame(target, at, { bytes, places }, n, micros) {
  bytes.copy(target, at);
  const values = { id: FIRST_ID + n, seq: FIRST_SEQ + n, stamp: micros, user: PEOPLE.first + (n % PEOPLE.count) };
  for (const { key, all } of places) {
    for (const place of all) digits(target, at + place, WIDTH[key], values[key]);
  }
  return at + bytes.length;
}

function digits(target, at, width, value) {
  let rest = value;
  for (let i = at + width - 1; i >= at; i--) {
    target[i] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

/** Microseconds on the clock that all processes of one machine share. */
export const micros = () => Number(process.hrtime.bigint() / 1000n);
