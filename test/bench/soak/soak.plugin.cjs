/** What a plugin may do that could leave something behind: values in every scope, some with an end, questions, and waiting. */
const { BotPlugin, Command } = require('../../../dist/libs/plugin-kit/src/index.js');

class SoakPlugin {
  async store(c) {
    const { user, conversation, account, global } = c.storage;
    await user.increment('times');
    await conversation.set('last', c.args, { for: '1m' });
    await account.update('seen', (known = []) => [...known, c.args].slice(-20));
    conversation.tally('stored');
    return `stored ${await global.increment('all')}`;
  }

  async question(c) {
    const n = await c.ask('how many?', { within: '5s', retries: 0 });
    return `so many: ${n}`;
  }

  fill() {}
}
const methods = {
  store: ['soak store [text...]', { en: 'Stores', zh: '存储' }],
  question: ['soak question', { en: 'Asks', zh: '提问' }],
  fill: ['soak fill [n...]', { en: 'Does nothing', zh: '什么也不做' }],
};
for (const [method, [pattern, summary]] of Object.entries(methods)) {
  const property = Object.getOwnPropertyDescriptor(SoakPlugin.prototype, method);
  Command(pattern, { summary })(SoakPlugin.prototype, method, property);
}
BotPlugin({ id: 'soak', title: { en: 'Soak', zh: '浸泡测试' } })(SoakPlugin);
module.exports = { SoakPlugin };
