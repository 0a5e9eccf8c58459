/** What a soak holds for as long as it runs: a fleet that talks, and everything else that could leave something behind, in turn. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { Fleet } = require('../../../dist/libs/simulator/src/index.js');

const FRIENDS = Array.from({ length: 200 }, (_, n) => String(1_600_000_001 + n));
/** Nobody of these has ever been seen before: what is remembered of a person has to end. */
const FIRST_STRANGER = 1_700_000_001;
const STRANGER_GOES_MS = 5_000;
const QUESTIONS_PER_S = 10;
/**
 * Who talks to whom is all seen within two minutes: what is remembered of each private chat, or stored for each person, would otherwise fill up
 * for as long as there are pairs that have not met.
 */
const ACCOUNTS_OF_FRIEND = 3;
const ASKED_FRIENDS = 40;
const STORING_OF_GROUP = 5;
/** What a worker remembers of the events that it has settled lately. In a long run the warm-up fills that, which is no growth. */
const REMEMBERED_EVENTS = 50_000;
const FILL = { everyMs: 100, mostPerSecond: 250, shareOfWarmUp: 0.8 };
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
  #dialogs = 0;
  #stored = 0;
  #cuts = 0;
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

  /** `broadcast()` begins one to all groups; `warmUpSeconds`: until growth counts. */
  hold(broadcast, warmUpSeconds) {
    this.fleet.chatter.resume();
    const turns = {
      question: () => this.#question(),
      store: () => this.#store(),
      ask: () => this.#ask(),
      stranger: () => this.#stranger(),
      cut: () => this.#cut(),
      broadcast,
    };
    this.#timers = Object.entries(turns).map(([name, turn]) => setInterval(() => void turn(), EVERY_MS[name]));
    this.#fill(warmUpSeconds * FILL.shareOfWarmUp);
  }

  /**
   * Commands that are not answered, at a steady rate, of people who store nothing: of talk that no handler wants nothing is remembered. Not
   * where that would be a flood.
   */
  #fill(seconds) {
    if (REMEMBERED_EVENTS / seconds > FILL.mostPerSecond) return;
    const each = Math.ceil((REMEMBERED_EVENTS / seconds / 1000) * FILL.everyMs);
    let left = REMEMBERED_EVENTS;
    const timer = setInterval(() => {
      for (let n = 0; n < each && left > 0; n++) {
        left -= 1;
        const { groupId, members } = this.#group(left);
        const people = this.#peopleOf(members).slice(STORING_OF_GROUP);
        this.#inGroup({ groupId, user: people[left % people.length] }, `/soak fill ${left}`);
      }
      if (left <= 0) clearInterval(timer);
    }, FILL.everyMs);
    this.#timers.push(timer);
  }

  /** Nothing new is said; what was said may still be answered. */
  rest() {
    this.fleet.chatter.pause();
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** One of the few accounts that the friend with this number talks to; `turn` says which. */
  #accountOf(friend, turn) {
    const { accounts } = this.fleet;
    return accounts[(ACCOUNTS_OF_FRIEND * friend + (turn % ACCOUNTS_OF_FRIEND)) % accounts.length].selfId;
  }

  /** Each friend speaks so seldom that nobody takes him for a bot. Each question is asked of an account that is connected. */
  #question() {
    const friend = this.#said++ % FRIENDS.length;
    const self = this.#accountOf(friend, Math.floor(this.#said / FRIENDS.length));
    if (!this.#isConnected(self)) return;
    this.#asked += 1;
    this.fleet.world.say(FRIENDS[friend], { private: self }, `/ping soak ${this.#asked}`);
  }

  #ask() {
    const n = this.#dialogs++;
    const friend = n % ASKED_FRIENDS;
    const self = this.#accountOf(friend, Math.floor(n / ASKED_FRIENDS));
    this.fleet.world.say(FRIENDS[friend], { private: self }, '/soak question');
    // Every other question is left open, until its time is over.
    if (n % 2 === 0) setTimeout(() => this.fleet.world.say(FRIENDS[friend], { private: self }, '7'), 500);
  }

  #store() {
    const n = this.#stored++;
    const { groupId, members } = this.#group(n);
    const people = this.#peopleOf(members);
    const user = people[Math.floor(n / this.fleet.world.directory.groups.size) % STORING_OF_GROUP];
    this.#inGroup({ groupId, user }, `/soak store ${n}`);
  }

  /** Joins, says something for the first and last time, and goes. */
  #stranger() {
    const { world } = this.fleet;
    const user = String(FIRST_STRANGER + this.#strangers++);
    const { groupId } = this.#group(this.#strangers);
    const [host] = world.directory.group(groupId).members.keys();
    world.directory.addUser(user, `stranger ${user}`);
    world.notices.increase(groupId, user, host);
    this.#inGroup({ groupId, user }, '/ping');
    setTimeout(() => world.notices.decrease(groupId, user, user), STRANGER_GOES_MS);
  }

  #cut() {
    const { accounts } = this.fleet;
    this.fleet.host.endpoint(accounts[this.#cuts++ % accounts.length].selfId).terminate();
  }

  #isConnected(self) {
    return this.fleet.host.endpoint(self).listened;
  }

  #peopleOf(members) {
    return [...members.keys()].filter((user) => !this.fleet.world.directory.accounts.has(user));
  }

  #group(n) {
    const groups = [...this.fleet.world.directory.groups.values()];
    return groups[n % groups.length];
  }

  #inGroup({ groupId, user }, text) {
    this.fleet.world.say(user, { group: groupId }, text);
  }
}
