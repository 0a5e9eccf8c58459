/** Child process of accounts.mjs: the NapCats of a fleet. Told over IPC what to do; answers each message with one. */
import { createRequire } from 'node:module';
import WebSocket from 'ws';

const require = createRequire(import.meta.url);
const { Fleet } = require('../../../dist/libs/simulator/src/index.js');

let fleet;
/** Account → open connections of it now. */
const connections = new Map();

const does = {
  /** A silent fleet on forward endpoints, with heartbeats. */
  async serve({ accounts, heartbeatMs }) {
    fleet = await Fleet.start({ accounts, groups: 1, accountsPerGroup: 1, rate: 0, heartbeatMs });
    for (const endpoint of fleet.host.all) {
      connections.set(endpoint.self, 0);
      const change = (by) => () => connections.set(endpoint.self, connections.get(endpoint.self) + by);
      endpoint.on('attached', change(1));
      endpoint.on('detached', change(-1));
    }
    return fleet.accounts;
  },
  /** Cuts every connection of the first so many accounts in the same instant. */
  cut({ count }) {
    for (const { selfId } of fleet.accounts.slice(0, count)) fleet.host.endpoint(selfId).terminate();
  },
  /** How many accounts have exactly one connection, none, and more than one. */
  count() {
    const counts = [...connections.values()];
    return { one: counts.filter((n) => n === 1).length, more: counts.filter((n) => n > 1).length };
  },
  /**
   * Dials in for all accounts, spread evenly over so many milliseconds (0: in one instant), as NapCats of their own would; returns
   * milliseconds from each dial to the answered upgrade, null where it failed. What this process is late with is not counted.
   */
  async dialIn({ url, accounts, overMs }) {
    const begun = performance.now();
    return await Promise.all(
      accounts.map(async (account, n) => {
        const due = begun + (n * overMs) / accounts.length;
        if (overMs > 0) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
        return await dialIn(url, account);
      }),
    );
  },
};

function dialIn(url, { selfId, token }) {
  const begun = performance.now();
  const headers = { 'X-Self-ID': selfId, Authorization: `Bearer ${token}`, 'x-client-role': 'Universal' };
  const socket = new WebSocket(url, { headers, perMessageDeflate: false });
  return new Promise((resolve) => {
    socket.on('error', () => resolve(null));
    socket.on('open', () => {
      resolve(performance.now() - begun);
      // NapCat's first frame follows at once.
      const greeting = { post_type: 'meta_event', meta_event_type: 'lifecycle', sub_type: 'connect' };
      socket.send(JSON.stringify({ time: 1, self_id: Number(selfId), ...greeting }));
    });
  });
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
