import { describe, expect, it } from '@jest/globals';
import { at, text } from '@rookery/plugin-kit';
import { testFleet } from '@rookery/plugin-kit/testing';
import { HelpPlugin } from '../help/help.plugin';
import { KeywordPlugin } from './keyword.plugin';

const start = () => testFleet({ plugins: [KeywordPlugin, HelpPlugin], locale: 'en', superusers: ['9'] });
type Fleet = Awaited<ReturnType<typeof start>>;
const texts = (said: readonly { readonly text: string }[]) => said.map((one) => one.text);
const admin = (fleet: Fleet, group = '100') => fleet.user('7').in(group, 'admin');

describe('KeywordPlugin', () => {
  it.each([
    ['hi hello', 'Say HI to me', 'hello'],
    ['"good morning" 早安', 'good morning all', '早安'],
    ['--exact hi hello', ' Hi ', 'hello'],
    ['-e hi hello', 'hi there', undefined],
    ['--regex ^d\\d+$ rolled', 'D20', 'rolled'],
    ['-r ^d\\d+$ rolled', 'my d20', undefined],
  ])('/keyword add %s: "%s" is answered with %s', async (typed, said, answer) => {
    const fleet = await start();
    expect(texts(await admin(fleet).says(`/keyword add ${typed}`))[0]).toMatch(/^Added/);
    expect(texts(await fleet.user('8').in('100').says(said))).toEqual(answer === undefined ? [] : [answer]);
    expect(texts(await fleet.user('8').in('200').says(said))).toEqual([]);
  });

  it('answers once, however many accounts hear it, and says the most exact one first', async () => {
    const fleet = await testFleet({ plugins: [KeywordPlugin], accounts: ['10001', '10002'], locale: 'en' });
    const boss = fleet.user('7').in('100', 'owner');
    await boss.says('/keyword add -r c.t expression');
    await boss.says('/keyword add cat short');
    await boss.says('/keyword add "the cat" long');
    await boss.says('/keyword add -e "see the cat" whole');
    const user = fleet.user('8').in('100');
    expect(texts(await user.says('see the cat'))).toEqual(['whole']);
    expect(texts(await user.says('I see the cat'))).toEqual(['long']);
    expect(texts(await user.says('a cat'))).toEqual(['short']);
    expect(texts(await user.says('cut'))).toEqual(['expression']);
  });

  it('fills the gaps, and CQ code stays text', async () => {
    const fleet = await start();
    await admin(fleet).says('/keyword add hi {at} hello {name} {other} [CQ:at,qq=all]');
    const [said] = await fleet.user('8').in('100').says('hi');
    expect(said?.segments).toEqual([
      at('8'),
      text(' hello '),
      text('user 8'),
      text(' '),
      text('{other}'),
      text(' [CQ:at,qq=all]'),
    ]);
  });

  it('members may neither add nor remove, and everybody may list', async () => {
    const fleet = await start();
    await admin(fleet).says('/keyword add hi hello');
    const member = fleet.user('8').in('100');
    expect(texts(await member.says('/keyword add x y'))[0]).toContain('Only the owner and admins');
    await fleet.advance('61s');
    expect(texts(await member.says('/keyword remove hi'))[0]).toContain('Only the owner and admins');
    expect(texts(await member.says('/keyword list'))).toEqual(['Words:\nhi → hello']);
  });

  it('words of the pool are for superusers, and hold in every group and in private', async () => {
    const fleet = await start();
    expect(texts(await admin(fleet).says('/keyword add -p hi hello'))[0]).toContain('that group only');
    expect(texts(await fleet.user('9').says('/keyword add hi hello from all'))).toEqual(['Added "hi".']);
    await admin(fleet).says('/keyword add hi hello from here');
    expect(texts(await fleet.user('8').in('100').says('hi'))).toEqual(['hello from here']);
    expect(texts(await fleet.user('8').in('200').says('hi'))).toEqual(['hello from all']);
    expect(texts(await fleet.user('8').says('hi'))).toEqual(['hello from all']);
    expect(texts(await fleet.user('8').in('100').says('/keyword list'))).toEqual([
      'Words:\nhi → hello from here\nIn all groups:\nhi → hello from all',
    ]);
  });

  it('a word is changed, removed, and unknown then; the last one switches the listening off', async () => {
    const fleet = await start();
    const boss = admin(fleet);
    await boss.says('/keyword add hi one');
    expect(texts(await boss.says('/keyword add HI two'))).toEqual(['Changed "HI".']);
    expect(texts(await boss.says('hi'))).toEqual(['two']);
    expect(texts(await boss.says('/keyword remove hi'))).toEqual(['Removed "hi".']);
    expect(texts(await boss.says('hi'))).toEqual([]);
    expect(texts(await boss.says('/keyword remove hi'))).toEqual(['There is no "hi".']);
    expect(texts(await boss.says('/keyword list'))).toEqual(['There are no words yet.']);
  });

  it('outlives the worker', async () => {
    const fleet = await start();
    await admin(fleet).says('/keyword add hi hello');
    await fleet.restart();
    expect(texts(await fleet.user('8').in('100').says('hi'))).toEqual(['hello']);
  });

  it('does not answer commands of others that contain a word', async () => {
    const fleet = await start();
    await admin(fleet).says('/keyword add help yes?');
    expect(texts(await fleet.user('8').in('100').says('/help keyword'))).toHaveLength(1);
    expect(texts(await fleet.user('8').in('100').says('please help'))).toEqual(['yes?']);
  });

  it.each([
    ['-r (a cannot be', 'cannot be used'],
    ['-r (a)\\1 back reference', 'cannot be used'],
    ['-r a* everything', 'in every message'],
    ['-r (a{1,50}){1,20}b too large', 'too large'],
    ['-e -r a b', 'not both'],
    ['"" nothing', 'empty'],
    [`${'x'.repeat(101)} y`, 'at most 100'],
    [`x ${'y'.repeat(1_001)}`, 'at most 100'],
    ['"unbalanced', '/keyword add'],
  ])('/keyword add %s is refused with the reason', async (typed, reason) => {
    const fleet = await start();
    expect(texts(await admin(fleet).says(`/keyword add ${typed}`))[0]).toContain(reason);
    expect(texts(await admin(fleet).says('/keyword list'))).toEqual(['There are no words yet.']);
  });

  it('the hundred-and-first word and the twenty-first expression are refused', async () => {
    const fleet = await start();
    const boss = admin(fleet);
    for (let n = 0; n < 20; n++) await boss.says(`/keyword add -r x${n}y z`);
    expect(texts(await boss.says('/keyword add -r x20y z'))[0]).toContain('20 expressions already');
    for (let n = 20; n < 100; n++) await boss.says(`/keyword add w${n}w z`);
    expect(texts(await boss.says('/keyword add another z'))[0]).toContain('100 words already');
    expect(texts(await boss.says('/keyword add w99w changed'))).toEqual(['Changed "w99w".']);
  });

  it('long answers that find no room in the storage are refused politely', async () => {
    const fleet = await start();
    const boss = admin(fleet);
    const said = [];
    for (let n = 0; n < 90; n++) said.push(...texts(await boss.says(`/keyword add w${n} ${'长'.repeat(1_000)}`)));
    expect(said.at(-1)).toContain('no room');
    expect(texts(await boss.says('w0'))).toEqual(['长'.repeat(1_000)]);
  });

  it('messages of groups without words reach no code of the plugin', async () => {
    const fleet = await start();
    await admin(fleet).says('/keyword add hi hello');
    fleet.decide(() => ({ outcome: 'refused' }));
    await fleet.user('8').in('200').says('hi');
    expect(fleet.runs.filter(({ handler }) => handler === 'hear')).toEqual([]);
    await fleet.user('8').in('100').says('nothing');
    expect(fleet.runs.filter(({ handler }) => handler === 'hear')).toHaveLength(1);
  });
});
