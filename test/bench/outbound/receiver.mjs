/** Child process of outbound.mjs: the NapCats, which answer at once and stamp what they receive. Answers each message with one. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { Fleet } = require('../../../dist/libs/simulator/src/index.js');

let fleet;

const does = {
  /** Each group has one of the accounts, so that nobody but its sender has anything to do with a message. */
  async serve({ accounts, groups }) {
    fleet = await Fleet.start({ accounts, groups, accountsPerGroup: 1, endpoint: { costMs: () => 0 } });
    return fleet.accounts.map((account) => ({ ...account, groups: groupsOf(account.selfId) }));
  },
  count({ self }) {
    return fleet.world.audit.sent({ self }).length;
  },
  /** Text and time of everything that the account sent. */
  sent({ self }) {
    return fleet.world.audit.sent({ self }).map(({ text, at }) => ({ text, at }));
  },
};

function groupsOf(self) {
  const all = [...fleet.world.directory.groups.values()];
  return all.filter(({ members }) => members.has(self)).map(({ groupId }) => groupId);
}

async function answer({ id, act, ...given }) {
  try {
    process.send({ id, result: await does[act](given) });
  } catch (error) {
    process.send({ id, error: String(error) });
  }
}
process.on('message', (message) => void answer(message));
process.on('disconnect', () => process.exit());
