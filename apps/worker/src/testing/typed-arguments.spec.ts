import { beforeEach, describe, expect, it } from '@jest/globals';
import { BotPlugin, Command, intBetween, Keyword, Regex, type MessageContext } from '@rookery/plugin-kit';
import { testFleet, type TestUser } from '@rookery/plugin-kit/testing';

const summary = { zh: '测试', en: 'Test' };
const LONG = '长'.repeat(10_000);

@BotPlugin({ id: 'typist' })
class Typist {
  @Command('note <text:text...>', { summary })
  note(_c: MessageContext, args: { text: string }) {
    return `noted ${args.text.length}`;
  }

  @Command('name <name> --times <n:int(1..9)=1>', { summary })
  name(_c: MessageContext, args: { name: string; times: number }) {
    return `${args.times} × ${args.name.length}`;
  }

  @Command('guess', { summary })
  async guess(c: MessageContext) {
    return `guessed ${await c.ask('Which?', { parse: intBetween(1, 9), retries: 1 })}`;
  }

  @Keyword('needle')
  keyword() {
    return 'found';
  }

  @Regex(/^(?:a+)+$/)
  regex() {
    return 'only a';
  }
}

let lin: TestUser;
let ran: () => readonly string[];
beforeEach(async () => {
  const fleet = await testFleet({ plugins: [Typist], locale: 'en' });
  lin = fleet.user('7').in('100');
  ran = () => fleet.runs.map(({ handler }) => handler);
});
const answer = async (message: string) => (await lin.says(message)).map(({ text }) => text);

describe('an argument of 10,000 characters', () => {
  it('is a text like any other where a command takes the rest', async () => {
    expect(await answer(`/note ${LONG}`)).toEqual(['noted 10000']);
    expect(await answer(`/note "${LONG}`)).toEqual(['noted 10001']);
  });

  it.each([
    ['as a word', LONG],
    ['in quotation marks', `"${LONG}"`],
    ['in quotation marks that are never closed', `"${LONG}`],
    ['as a number', `x --times ${'9'.repeat(10_000)}`],
    ['as the name of an option', `--${LONG}`],
    ['as one word more', `x ${LONG}`],
  ])('%s does not reach the handler, and the answer to it is short and says how', async (_how, typed) => {
    const [said = '', ...more] = await answer(`/name ${typed}`);
    expect([more, ran()]).toEqual([[], []]);
    expect(said).toMatch(/\nUsage: \/name <name> \[--times <n=1>\]$/);
    expect(said.length).toBeLessThan(200);
  });

  it('as the name of a command is no command, and nothing is said', async () => {
    expect(await answer(`/${LONG}`)).toEqual([]);
  });

  it('as the answer to a question is asked for again, and given up politely', async () => {
    await answer('/guess');
    expect(await answer('9'.repeat(10_000))).toEqual([expect.stringContaining('from 1 to 9')]);
    expect(await answer(LONG)).toEqual([expect.stringMatching(/^(?!guessed)/)]);
    expect(ran()).not.toContain('keyword');
  });

  it('is searched for keywords and expressions in its first 4,096 characters', async () => {
    expect(await answer(`${'长'.repeat(4_000)} needle${LONG}`)).toEqual(['found']);
    expect(await answer(`${LONG} needle`)).toEqual([]);
    expect(await answer(`${'a'.repeat(4_095)}!${'a'.repeat(5_904)}`)).toEqual([]);
    expect(await answer('a'.repeat(10_000))).toEqual(['only a']);
  });
});
