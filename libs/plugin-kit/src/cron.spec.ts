import { describe, expect, it } from '@jest/globals';
import { cronProblem } from './cron';
import { BotPlugin, Every } from './decorators';
import { manifestOf } from './manifest';

describe('cronProblem', () => {
  it.each(['0 9 * * *', '*/5 * * * * *', '0 0 L * *', '0 9 * * MON#2', '0 9 29 2 *', '0,30 8-18 * * 1-5'])(
    'has nothing to say of %s',
    (cron) => {
      expect(cronProblem(cron)).toBeUndefined();
    },
  );

  it.each(['61 * * * *', '0 25 * * *', '* * 30 2 *', 'a b c d e', '* * * *', '* * * * * * *', '@daily', ''])(
    'says why nothing can be run at "%s"',
    (cron) => {
      expect(cronProblem(cron)).toEqual(expect.any(String));
    },
  );

  it('a plugin with such an expression does not load, and the reason names the method', () => {
    @BotPlugin({ id: 'news' })
    class News {
      @Every('0 25 * * *', { sender: 'pool:news' })
      morning(): void {
        throw new Error('never runs');
      }
    }
    expect(() => manifestOf(News)).toThrow(/method morning: "0 25 \* \* \*" must be a cron expression/);
  });
});
