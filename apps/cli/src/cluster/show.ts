import type { AccountState } from '@rookery/protocol';
import type { AccountView, NodeView } from '@rookery/service';
import type { Colours } from '../up/output';
import { age, table, type Cell } from './table';

/** What people see of the cluster. Account numbers, names of nodes and states are ASCII; reasons come last in a line. */
export function accountTable(accounts: readonly AccountView[], now: number, colours: Colours): string {
  if (accounts.length === 0) {
    return 'The cluster has no accounts; add one with `rookery accounts add`.\n集群中还没有账号，用 rookery accounts add 添加。\n';
  }
  const rows = accounts.map((account): Cell[] => [
    { text: account.self },
    { text: account.pool },
    { text: account.mode },
    { text: stateText(account), paint: colourOf(account.state, colours) },
    { text: account.since === undefined ? '-' : age(now - account.since) },
    { text: (account.node ?? '-') + (account.pinnedTo === undefined ? '' : ' (pinned)') },
    { text: oneLine(account.reason) },
  ]);
  const online = accounts.filter(({ state }) => state === 'online').length;
  return (
    table(['ACCOUNT', 'POOL', 'MODE', 'STATE', 'SINCE', 'NODE', 'REASON'], rows) +
    `${online} of ${accounts.length} online. / 在线 ${online}，共 ${accounts.length}。\n`
  );
}

/** `online`, or `online → stopped` while what is wanted has not come about yet. */
function stateText({ state, wanted }: AccountView): string {
  const isReached = wanted === 'started' ? state !== 'stopped' && state !== 'paused' : state === wanted;
  return isReached ? state : `${state} → ${wanted}`;
}

export function accountDetails(account: AccountView, now: number, colours: Colours): string {
  const { self, pool, mode, url, source, state, reason, since, node, pinnedTo, implementation } = account;
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['account', self],
    ['state', colourOf(state, colours)(stateText(account))],
    ['reason', oneLine(reason)],
    ['since', since === undefined ? undefined : `${new Date(since).toISOString()} (${age(now - since)})`],
    ['node', node],
    ['pinned to', pinnedTo],
    ['software', implementation && oneLine(`${implementation.name} ${implementation.version}`)],
    ['pool', pool],
    ['mode', mode],
    ['url', url],
    ['defined', source === 'file' ? 'in rookery.yaml' : 'at run time'],
  ];
  return lines.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(10)}${value}\n`])).join('');
}

export function nodeTable(nodes: readonly NodeView[], now: number, colours: Colours): string {
  if (nodes.length === 0) return 'No node of the cluster is running.\n集群中没有正在运行的进程。\n';
  const rows = nodes.map((node): Cell[] => {
    if (node.silent) return [{ text: node.node }, { text: 'silent', paint: colours.red }, { text: '-' }, { text: '-' }];
    return [
      { text: node.node },
      { text: node.ready ? 'ready' : 'not ready', paint: node.ready ? colours.green : colours.yellow },
      { text: age(now - node.startedAt) },
      { text: node.app === 'connector' ? String(node.accounts) : '-' },
      { text: `${node.host}:${node.pid}` },
      { text: node.version },
      { text: oneLine(node.problems.join('; ')) },
    ];
  });
  return table(['NODE', 'STATE', 'UP', 'ACCOUNTS', 'PROCESS', 'VERSION', 'PROBLEMS'], rows);
}

function colourOf(state: AccountState, colours: Colours): (text: string) => string {
  switch (state) {
    case 'online':
      return colours.green;
    case 'connecting':
    case 'deaf':
    case 'draining':
    case 'paused':
      return colours.yellow;
    case 'offline':
    case 'failed':
      return colours.red;
    case 'stopped':
      return colours.dim;
  }
}

/** Reasons hold texts of NapCat: nothing in them may move the cursor or break the table. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 300);
}
