/** What a soak holds for as long as it runs: a fleet that talks, and everything else that could leave something behind, in turn. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { Fleet } = require('../../../dist/libs/simulator/src/index.js');

const FRIENDS = Array.from({ length: 200 }, (_, n) => String(1_600_000_001 + n));
/** Nobody of these has ever been seen before: what is remembered of a person has to end. */
const FIRST_STRANGER = 1_700_000_001;
const STRANGER_GOES_MS = 5_000;
const QUESTIONS_PER_S = 10;
const EVERY_MS = {
  question: 1000 / QUESTIONS_PER_S,
  store: 200,
  ask: 1_000,
  stranger: 500,
  cut: 2_000,
  broadcast: 15_000,
};
const GROUPS_PER_ACCOUNT = 0.4;

export class Load {
  #timers = [];
  #said = 0;
  #strangers = 0;
  #asked = 0;
  #answered = 0;

  constructor(fleet) {
    this.fleet = fleet;
    const { directory } = fleet.world;
    for (const [n, friend] of FRIENDS.entries()) {
      directory.addUser(friend, `friend ${n}`);
      for (const { selfId } of fleet.accounts) directory.befriend(selfId, friend);
    }
    fleet.world.onSent(({ text }) => {
      if (text?.includes('pong soak') === true) this.#answered += 1;
    });
  }

  /** `rate`: messages per second in the groups, each seen by two accounts. */
  static async start({ accounts, rate, reverseUrl }) {
    const groups = Math.max(2, Math.round(accounts * GROUPS_PER_ACCOUNT));
    const shape = { accounts, groups, accountsPerGroup: 2, people: 20, rate, reverseUrl, reconnectMs: 1_000 };
    return new Load(await Fleet.start({ ...shape, heartbeatMs: 5_000, endpoint: { reportSelf: true } }));
  }

  /** Private questions asked, and answers to them. */
  get questions() {
    return { asked: this.#asked, answered: this.#answered };
  }

  /** `broadcast()` begins one to all groups. */
  hold(broadcast) {
    this.fleet.chatter.resume();
    const turns = {
      question: () => this.#question(),
      store: () => this.#inGroup(this.#friendOfGroup(), `/soak store ${this.#said}`),
      ask: () => this.#ask(),
      stranger: () => this.#stranger(),
      cut: () => this.#cut(),
      broadcast,
    };
    this.#timers = Object.entries(turns).map(([name, turn]) => setInterval(() => void turn(), EVERY_MS[name]));
  }

  /** Nothing new is said; what was said may still be answered. */
  rest() {
    this.fleet.chatter.pause();
    for (const timer of this.#timers) clearInterval(timer);
  }

  #account() {
    return this.fleet.accounts[this.#said++ % this.fleet.accounts.length].selfId;
  }

  /** Each friend speaks so seldom that nobody takes him for a bot. Each question is asked of an account that is connected. */
  #question() {
    const self = this.#account();
    if (!this.#isConnected(self)) return;
    this.#asked += 1;
    this.fleet.world.say(FRIENDS[this.#asked % FRIENDS.length], { private: self }, `/ping soak ${this.#asked}`);
  }

  #ask() {
    const [self, friend] = [this.#account(), FRIENDS[this.#said % FRIENDS.length]];
    this.fleet.world.say(friend, { private: self }, '/soak question');
    // Every other question is left open, until its time is over.
    if (this.#said % 2 === 0) setTimeout(() => this.fleet.world.say(friend, { private: self }, '7'), 500);
  }

  /** Joins, says something for the first and last time, and goes. */
  #stranger() {
    const { world } = this.fleet;
    const user = String(FIRST_STRANGER + this.#strangers++);
    const { groupId } = this.#group();
    const [host] = world.directory.group(groupId).members.keys();
    world.directory.addUser(user, `stranger ${user}`);
    world.notices.increase(groupId, user, host);
    this.#inGroup({ groupId, user }, '/ping');
    setTimeout(() => world.notices.decrease(groupId, user, user), STRANGER_GOES_MS);
  }

  #cut() {
    this.fleet.host.endpoint(this.#account()).terminate();
  }

  #isConnected(self) {
    return this.fleet.host.endpoint(self).listened;
  }

  #group() {
    const groups = [...this.fleet.world.directory.groups.values()];
    return groups[this.#said++ % groups.length];
  }

  #friendOfGroup() {
    const { groupId, members } = this.#group();
    const people = [...members.keys()].filter((user) => !this.fleet.world.directory.accounts.has(user));
    return { groupId, user: people[this.#said % people.length] };
  }

  #inGroup({ groupId, user }, text) {
    this.fleet.world.say(user, { group: groupId }, text);
  }
}
