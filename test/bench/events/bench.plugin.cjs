/** The command that nearly nobody uses; runs in a plugin thread of the bench's worker. */
const { BotPlugin, Command } = require('../../../dist/libs/plugin-kit/src/index.js');
const { handled } = require('./samples.mjs');

class BenchPlugin {
  constructor({ samples }) {
    process.env.BENCH_SAMPLES = samples;
  }

  bench({ args }) {
    handled(Number(args));
  }
}
const property = Object.getOwnPropertyDescriptor(BenchPlugin.prototype, 'bench');
const summary = { en: 'Takes the time', zh: '计时' };
Command('bench [stamp]', { summary })(BenchPlugin.prototype, 'bench', property);
BotPlugin({ id: 'bench', title: { en: 'Bench', zh: '压测' } })(BenchPlugin);
module.exports = { BenchPlugin };
