import { describe, expect, it } from '@jest/globals';
import type { GroupId, Segment, UserId } from '@rookery/protocol';
import type { MessageContext } from '../context';
import { Arg, BotPlugin, Command, Ctx, Found, Keyword, Option, Regex } from '../decorators';
import { manifestOf } from '../manifest';
import type { ArgsOf, ValuesOf } from './args-of';

const summary = { zh: '测试', en: 'Test' };

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only for `true`: the test is the compiler's. */
const holds = <_Claim extends true>(): void => undefined;

describe('ArgsOf', () => {
  it('gives each argument the type that the pattern says', () => {
    holds<Same<ArgsOf<'roll [sides:int(2..9)=6]'>, { readonly sides: number }>>();
    holds<Same<ArgsOf<'a b <who:at> [note:text...]'>, { readonly who: UserId; readonly note: string }>>();
    holds<
      Same<ArgsOf<'a [x] <y:on|off|auto>'>, { readonly x: string | undefined; readonly y: 'on' | 'off' | 'auto' }>
    >();
    holds<Same<ArgsOf<'a <u:user> <g:group> [i:image]'>['i'], Segment | undefined>>();
    holds<Same<ArgsOf<'a <g:group>'>['g'], GroupId>>();
    holds<Same<ArgsOf<'a [all:int...]'>, { readonly all: readonly number[] }>>();
    holds<
      Same<
        ArgsOf<'a --secret|-s -n <v:int> --wait <w:duration=1m>'>,
        { readonly secret: boolean; readonly n: number | undefined; readonly wait: number }
      >
    >();
    holds<Same<ArgsOf<'ping'>, Record<never, never>>>();
    holds<Same<ValuesOf<'a <x:int> [y=z] --b'>, [number, string, boolean]>>();
    expect(holds).toBeDefined();
  });
});

describe('the compiler', () => {
  it('accepts handlers that take what their pattern gives', () => {
    @BotPlugin({ id: 'typed' })
    class Typed {
      @Command('roll [sides:int=6] <who:at> --secret', { summary })
      roll(
        @Arg('sides') sides: number,
        @Arg('who') who: string,
        @Option('secret') secret: boolean,
        @Ctx() c: MessageContext,
      ) {
        return `${sides}${who}${secret}${c.args}`;
      }

      @Command('first [sides:int=6]', { summary })
      first(@Ctx() c: MessageContext, @Arg('sides') sides: number) {
        return `${c.args}${sides}`;
      }

      @Command('some [sides:int=6] [times:int=1]', { summary })
      some(@Arg('sides') sides: number) {
        return `${sides}`;
      }

      @Command('plain [sides:int=6]', { summary })
      plain(c: MessageContext) {
        return c.args;
      }

      @Command('object [sides:int=6] <who:user>', { summary })
      object(c: MessageContext, { sides, who }: { sides: number; who: UserId }) {
        return `${c.args}${sides}${who}`;
      }

      @Regex(/^(\d+)d(\d+)$/)
      dice(_c: MessageContext, [whole, count]: readonly [string, ...(string | undefined)[]]) {
        return `${whole}${count}`;
      }

      @Keyword('hello')
      hello(@Found() [word]: readonly [string, ...unknown[]]) {
        return word;
      }
    }
    expect(manifestOf(Typed).commands).toHaveLength(5);
  });

  it('refuses handlers that take something else', () => {
    class Wrong {
      // @ts-expect-error sides is a number
      @Command('a [sides:int=6]', { summary }) type(@Arg('sides') sides: string, @Ctx() c: MessageContext) {
        return `${sides}${c.args}`;
      }

      // @ts-expect-error nothing was typed, perhaps
      @Command('b [sides:int]', { summary }) missing(@Arg('sides') sides: number) {
        return sides;
      }

      // @ts-expect-error one argument too many
      @Command('c <a:int>', { summary }) surplus(@Arg('a') a: number, @Arg('b') b: number, @Ctx() c: MessageContext) {
        return `${a}${b}${c.args}`;
      }

      // @ts-expect-error in another order
      @Command('d <a:int> <b>', { summary }) order(@Arg('b') b: string, @Arg('a') a: number) {
        return `${a}${b}`;
      }

      // @ts-expect-error it is called sides
      @Command('e [sides:int=6]', { summary }) name(c: MessageContext, { side }: { side: number }) {
        return `${c.args}${side}`;
      }

      // @ts-expect-error it is a number
      @Command('f [sides:int=6]', { summary }) named(c: MessageContext, { sides }: { sides: string }) {
        return `${c.args}${sides}`;
      }

      // @ts-expect-error there is no type integer
      @Command('g <sides:integer>', { summary }) kind(@Arg('sides') sides: number) {
        return sides;
      }

      // @ts-expect-error one of two words
      @Command('h <mode:on|off>', { summary }) choice(@Arg('mode') mode: 'on' | 'of') {
        return mode;
      }

      // @ts-expect-error what was found is a text
      @Keyword('x') found(_c: MessageContext, [word]: readonly [number]) {
        return word;
      }
    }
    expect(() => manifestOf(Wrong)).toThrow('no @BotPlugin');
  });
});
