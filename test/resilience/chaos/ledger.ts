import type { SentRecord } from '@rookery/simulator';
import type { FaultyCluster } from '../support/cluster';
import type { SaidMessage, SeenAnswer } from './model';

interface Entry extends Omit<SaidMessage, 'linkEnds'> {
  /** Connections that it was written to. */
  readonly links: readonly number[];
}

/** Everything that was said and everything that the simulator saw, in order. */
export class Ledger {
  readonly answers: SeenAnswer[] = [];
  readonly #answered = new Set<number>();
  readonly #entries: Entry[] = [];
  readonly #ends = new Map<number, number>();
  #questions = 0;

  constructor(private readonly cluster: FaultyCluster) {
    const { host, world } = cluster.fleet;
    for (const endpoint of host.all) endpoint.on('detached', ({ id }) => this.#ends.set(id, Date.now()));
    world.onSent((record) => this.#note(record));
  }

  /** Somebody says something to nobody in particular. */
  chat(user: string, where: { readonly group: string } | { readonly private: string }): void {
    this.#say(user, where, `line ${this.#entries.length}`);
  }

  /** Somebody asks a question that is to be answered once; returns its number. */
  question(user: string, where: { readonly group: string } | { readonly private: string }): number {
    const question = this.#questions++;
    this.#say(user, where, `/tell ${question}`, question);
    return question;
  }

  isAnswered(question: number): boolean {
    return this.#answered.has(question);
  }

  get said(): SaidMessage[] {
    return this.#entries.map(({ links, ...entry }) => ({ ...entry, linkEnds: links.map((id) => this.#ends.get(id)) }));
  }

  #say(user: string, where: { group: string } | { private: string }, text: string, question?: number): void {
    const { world, host } = this.cluster.fleet;
    const audience =
      'group' in where
        ? [...world.directory.accountsIn(world.directory.group(where.group))].map(({ self }) => self)
        : [where.private];
    const links = audience.flatMap((self) => {
      const endpoint = host.endpoint(self);
      if (endpoint.state !== 'running') return [];
      return endpoint.clients.filter(({ takesEvents }) => takesEvents).map(({ id }) => id);
    });
    const at = Date.now();
    const { seq } = world.say(user, where, text);
    const conversation = 'group' in where ? `group:default:${where.group}` : `private:${where.private}:${user}`;
    const entry = { key: `${conversation}#${seq}`, conversation, at, links };
    this.#entries.push(question === undefined ? entry : { ...entry, question });
  }

  #note({ text, at }: SentRecord): void {
    const number = /told (\d+)$/.exec(text ?? '')?.[1];
    if (number === undefined) return;
    this.answers.push({ question: Number(number), at });
    this.#answered.add(Number(number));
  }
}
