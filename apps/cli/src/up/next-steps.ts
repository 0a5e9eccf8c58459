import type { RookeryConfig } from '@rookery/config';
import { APPS, type App } from './local-cluster';
import { groupsFor, reverseUrl, type FleetSize } from './simulated-fleet';

export interface Situation {
  readonly config: RookeryConfig;
  readonly addresses: Readonly<Record<App, string>>;
  readonly fleet?: FleetSize;
}

/** What a newcomer should know once everything is up. */
export function nextSteps(situation: Situation): string[] {
  const { config, addresses, fleet } = situation;
  return [
    'Rookery is up. Ctrl-C stops it.  Rookery 已启动，按 Ctrl-C 停止。',
    '',
    ...accountLines(config, fleet),
    '',
    'Connect a NapCat / 连接 NapCat',
    `  1. In ${config.file ?? 'rookery.yaml (copy rookery.example.yaml / 复制 rookery.example.yaml)'} add one of / 添加其一:`,
    '       accounts:',
    '         - { selfId: "<QQ>", mode: reverse, token: "<16+ characters>" }',
    '         - { selfId: "<QQ>", mode: forward, url: "ws://127.0.0.1:3001", token: "<same as NapCat>" }',
    '  2. In NapCat (WebUI 网络配置, or onebot11_<QQ>.json → "network") add the counterpart / 添加对应项:',
    `       reverse: "websocketClients": [{ "enable": true, "name": "rookery", "url": "${reverseUrl(config)}",`,
    '                  "token": "<the same>", "messagePostFormat": "array", "heartInterval": 30000, "reconnectInterval": 5000 }]',
    '       forward: "websocketServers": [{ "enable": true, "name": "rookery", "host": "127.0.0.1", "port": 3001,',
    '                  "token": "<the same>", "messagePostFormat": "array", "heartInterval": 30000 }]',
    '  3. Start again / 重新启动: npm start',
    '',
    'Health and metrics / 健康检查与指标',
    ...APPS.map((app) => `  ${app.padEnd(9)}  ${addresses[app]}/healthz  /readyz  /metrics`),
  ];
}

function accountLines(config: RookeryConfig, fleet: FleetSize | undefined): string[] {
  if (fleet === undefined)
    return [`${config.accounts.length} accounts are configured. / 已配置 ${config.accounts.length} 个账号。`];
  const groups = groupsFor(fleet.accounts);
  return [
    `No account is configured: ${fleet.accounts} simulated accounts in ${groups} groups chat below.`,
    `没有配置账号：下面是 ${fleet.accounts} 个模拟账号在 ${groups} 个群里的对话。`,
  ];
}
