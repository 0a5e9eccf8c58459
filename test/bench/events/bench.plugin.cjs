/** The command that nearly nobody uses, and one that is answered; they run in a plugin thread of the bench's worker. */
const { BotPlugin, Command } = require('../../../dist/libs/plugin-kit/src/index.js');
const { handled } = require('./samples.mjs');

class BenchPlugin {
  constructor({ samples }) {
    process.env.BENCH_SAMPLES = samples;
  }

  bench({ args }) {
    handled(Number(args));
  }

  answer({ args }) {
    return `answer ${args}`;
  }
}
const summary = { en: 'Takes the time', zh: '计时' };
for (const method of ['bench', 'answer']) {
  const property = Object.getOwnPropertyDescriptor(BenchPlugin.prototype, method);
  Command(`${method} [stamp]`, { summary })(BenchPlugin.prototype, method, property);
}
BotPlugin({ id: 'bench', title: { en: 'Bench', zh: '压测' } })(BenchPlugin);
module.exports = { BenchPlugin };
