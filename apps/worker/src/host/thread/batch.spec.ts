import { describe, expect, it } from '@jest/globals';
import { Batch } from './batch';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('Batch', () => {
  it('sends what an event and all promises after it have to say in one message, and nothing twice', async () => {
    const posted: (readonly string[])[] = [];
    const sut = new Batch<string>({ postMessage: (messages) => void posted.push(messages) });
    const handle = async (name: string): Promise<void> => {
      sut.add(`${name} begun`);
      await Promise.resolve();
      await Promise.resolve();
      sut.add(`${name} ended`);
    };
    for (const name of ['a', 'b']) {
      setImmediate(() => void handle(name));
      await turn();
      await turn();
    }
    expect(posted).toEqual([
      ['a begun', 'a ended'],
      ['b begun', 'b ended'],
    ]);
  });

  it('sends at once what must not wait for code that may block, and keeps what comes after it for the end of the turn', async () => {
    const posted: (readonly string[])[] = [];
    const sut = new Batch<string>({ postMessage: (messages) => void posted.push(messages) });
    sut.add('first');
    sut.flush();
    expect(posted).toEqual([['first']]);
    sut.add('second');
    await turn();
    expect(posted).toEqual([['first'], ['second']]);
  });
});
