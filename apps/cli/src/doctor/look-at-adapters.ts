import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import JSON5 from 'json5';
import { z } from 'zod';
import type { AccountConfig, RookeryConfig } from '@rookery/config';
import type { Finding, FindingId, Text } from './finding';

/** `napcat/<QQ number>/config/onebot11_<QQ number>.json` lies three folders down. */
const DEPTH = 4;

const adapter = z.looseObject({
  name: z.string().optional(),
  enable: z.boolean().default(false),
  host: z.string().default('127.0.0.1'),
  port: z.number().default(3001),
  url: z.string().default('ws://localhost:8082'),
  token: z.string().default(''),
  messagePostFormat: z.string().default('array'),
  heartInterval: z.number().default(30_000),
});
type Adapter = z.output<typeof adapter>;
const LISTS = ['httpServers', 'httpSseServers', 'httpClients', 'websocketServers', 'websocketClients'] as const;
const list = z.array(adapter).default([]);
const settingsFile = z.looseObject({
  network: z.looseObject({
    httpServers: list,
    httpSseServers: list,
    httpClients: list,
    websocketServers: list,
    websocketClients: list,
  }),
});

/** NapCat's own settings, `onebot11_<QQ number>.json`, of the accounts of rookery.yaml: what is known to go wrong in them. */
export function lookAtAdapters(paths: readonly string[], config: RookeryConfig): Finding[] {
  const byNumber = new Map(config.accounts.map((account) => [String(account.selfId), account]));
  const files = paths.flatMap((path) => onebotFiles(path, DEPTH));
  if (files.length === 0) {
    return [
      finding('adapter-missing', paths.join(', '), NO_FILE, {
        en: 'name the folder that is mounted as /app/napcat/config, or one above it',
        zh: '请指定挂载到 /app/napcat/config 的文件夹或其上级文件夹',
      }),
    ];
  }
  return files.flatMap((file) => {
    const account = byNumber.get(/onebot11_(\d+)\.json$/.exec(file)?.[1] ?? '');
    return account === undefined ? [] : fileFindings(file, account, config);
  });
}

const NO_FILE: Text = { en: 'holds no onebot11_<QQ number>.json', zh: '其中没有 onebot11_<QQ号>.json' };

function onebotFiles(path: string, depth: number): string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) return [path];
  if (stat === undefined || depth === 0) return [];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) return onebotFiles(inner, depth - 1);
    return /^onebot11_\d+\.json$/.test(entry.name) ? [inner] : [];
  });
}

const finding = (id: FindingId, place: string, problem: Text, remedy: Text): Finding => ({
  id,
  place,
  problem,
  remedy,
});

function fileFindings(file: string, account: AccountConfig, config: RookeryConfig): Finding[] {
  let network: z.output<typeof settingsFile>['network'];
  try {
    ({ network } = settingsFile.parse(JSON5.parse(readFileSync(file, 'utf8'))));
  } catch {
    return [
      finding(
        'adapter-file',
        file,
        { en: 'is not what NapCat can read', zh: '不是 NapCat 能读取的内容' },
        { en: 'enter the network settings again in NapCat’s web page', zh: '请在 NapCat 网页中重新填写网络配置' },
      ),
    ];
  }
  const all = LISTS.flatMap((name) => network[name].filter(({ enable }) => enable));
  const ours = account.mode === 'forward' ? 'websocketServers' : 'websocketClients';
  const candidates = network[ours].filter((entry) => isMeant(entry, account, config));
  return [
    ...doubledNames(file, all),
    ...network.websocketServers.filter((entry) => entry.enable).flatMap((entry) => openServer(file, entry)),
    ...meantFindings(file, ours, candidates, account),
  ];
}

function isMeant(entry: Adapter, account: AccountConfig, config: RookeryConfig): boolean {
  if (account.mode === 'reverse') return samePlace(entry.url, config.reverse);
  return Number(new URL(account.url).port) === entry.port || isMapped(account.url);
}

/** Host names differ between NapCat's side and ours (containers, proxies, TLS); the path does not. */
function samePlace(url: string, reverse: RookeryConfig['reverse']): boolean {
  return URL.canParse(url) && new URL(url).pathname === reverse.path;
}

/** A port that a proxy or a container runtime maps need not be the one that NapCat listens on. */
const isMapped = (url: string) => new URL(url).port === '';

/** Adapters live in one map by their names: the later one replaces the earlier one. */
function doubledNames(file: string, entries: readonly Adapter[]): Finding[] {
  const names = entries.map(({ name }) => name ?? '');
  const doubled = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  return doubled.map((name) =>
    finding(
      'adapter-name',
      file,
      {
        en: `two entries are called ${JSON.stringify(name)}: NapCat keeps only one of them`,
        zh: `有两个条目都叫 ${JSON.stringify(name)}：NapCat 只保留其中一个`,
      },
      { en: 'give every entry a name of its own', zh: '请给每个条目起不同的名称' },
    ),
  );
}

function openServer(file: string, { name = '', host, token }: Adapter): Finding[] {
  if (token !== '' || /^(?:localhost|::1|127\.)/.test(host)) return [];
  return [
    finding(
      'adapter-open',
      file,
      {
        en: `the server ${JSON.stringify(name)} listens on ${host} without a token: whoever reaches it controls the account`,
        zh: `服务 ${JSON.stringify(name)} 在 ${host} 监听且没有 token：任何能访问它的人都能控制该账号`,
      },
      { en: 'set a token of 16 characters or more', zh: '请设置至少 16 个字符的 token' },
    ),
  ];
}

function meantFindings(file: string, where: string, candidates: readonly Adapter[], account: AccountConfig): Finding[] {
  const meant = candidates.find(({ enable }) => enable);
  if (meant === undefined) {
    if (candidates.length > 0) {
      return [
        finding(
          'adapter-disabled',
          file,
          { en: `its entry in ${where} is switched off`, zh: `${where} 中的条目未启用` },
          { en: 'set "enable": true', zh: '请设置 "enable": true' },
        ),
      ];
    }
    return [
      finding(
        'adapter-url',
        file,
        { en: `no entry in ${where} fits rookery.yaml`, zh: `${where} 中没有与 rookery.yaml 对应的条目` },
        account.mode === 'forward'
          ? { en: 'add one with the port of `url`', zh: '请添加端口与 `url` 相同的条目' }
          : { en: 'add one whose URL ends in `reverse.path`', zh: '请添加地址以 `reverse.path` 结尾的条目' },
      ),
    ];
  }
  const found: Finding[] = [];
  if (meant.token !== (account.token?.reveal() ?? '')) {
    found.push(
      finding(
        'adapter-token',
        file,
        { en: 'its token is not that of rookery.yaml', zh: 'token 与 rookery.yaml 中的不同' },
        { en: 'make both equal', zh: '请让两处相同' },
      ),
    );
  }
  if (meant.messagePostFormat !== 'array') {
    found.push(
      finding(
        'adapter-format',
        file,
        {
          en: 'messagePostFormat is not "array": some messages lose content',
          zh: 'messagePostFormat 不是 "array"：部分消息会丢失内容',
        },
        { en: 'set "messagePostFormat": "array"', zh: '请设置 "messagePostFormat": "array"' },
      ),
    );
  }
  if (meant.heartInterval <= 0) {
    found.push(
      finding(
        'adapter-heartbeat',
        file,
        { en: 'heartbeats are switched off, so a lost login is noticed late', zh: '心跳已关闭，掉线会很晚才发现' },
        { en: 'set "heartInterval": 30000', zh: '请设置 "heartInterval": 30000' },
      ),
    );
  }
  return found;
}
