import type { AccountConfig } from '@rookery/config';
import { SECOND, type Clock } from '@rookery/protocol';
import type { PostedStatus } from '@rookery/redis';
import type { Finding, FindingId, Text } from './finding';
import { visitNapcat, type Visit } from './visit-napcat';

/** NapCats that are dialled at the same time. */
const AT_ONCE = 50;
/** A connector that has just started, or a NapCat that has, may still be about to connect. */
const SETTLED_MS = 15 * SECOND;

export interface AccountToLookAt {
  readonly account: AccountConfig;
  /** What the connector that holds it says, while that is alive. */
  readonly posted?: PostedStatus | undefined;
  /** Until when breakers keep its sends back (milliseconds since 1970), by what they are for. */
  readonly heldUntil?: ReadonlyMap<string, number> | undefined;
}

/** Accounts as their connectors see them; forward accounts that no connector has online are dialled from here. */
export async function lookAtAccounts(accounts: readonly AccountToLookAt[], clock: Clock): Promise<Finding[]> {
  const found: Finding[][] = [];
  const left = [...accounts.entries()];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, account] = next;
      found[index] = await lookAtAccount(account, clock);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, accounts.length) }, work));
  return found.flat();
}

async function lookAtAccount({ account, posted, heldUntil }: AccountToLookAt, clock: Clock): Promise<Finding[]> {
  const found: Finding[] = [];
  const place = `account ${account.selfId}`;
  const report = (id: FindingId, problem: Text, remedy: Text) => found.push({ id, place, problem, remedy });
  const now = clock.now();
  for (const [of, until] of heldUntil ?? []) {
    if (until <= now) continue;
    const seconds = Math.ceil((until - now) / SECOND);
    report(
      'sends-held',
      {
        en: `sends failed in a row, so those for ${of} are kept back for another ${seconds} s`,
        zh: `连续发送失败，${of} 的发送将再暂停 ${seconds} 秒`,
      },
      {
        en: `see \`rookery accounts why ${account.selfId}\`; send by hand from QQ whether the account may still speak there, and wait: pressing on raises the risk of a ban`,
        zh: `查看 \`rookery accounts why ${account.selfId}\`；用手机 QQ 确认该号能否在那里发言，并耐心等待，强行发送会增加封号风险`,
      },
    );
  }
  if (account.mode === 'forward' && account.token === undefined && !isLoopback(account.url)) {
    report(
      'napcat-open',
      {
        en: 'its NapCat is reached over the network without a token: whoever reaches it controls the account',
        zh: '通过网络连接 NapCat 却没有 token：任何能访问它的人都能控制该账号',
      },
      {
        en: 'set a token of 16 characters or more in NapCat (network, websocketServers) and as `token` of the account',
        zh: '请在 NapCat（网络配置，websocketServers）和账号的 `token` 中设置至少 16 个字符的相同 token',
      },
    );
  }
  const settled = posted !== undefined && now - posted.since >= SETTLED_MS;
  switch (posted?.state) {
    case 'online':
    case 'paused':
    case 'deaf':
    case 'draining':
      return found;
    case 'offline':
      report('account-offline', says(posted), LOGIN_AGAIN);
      return found;
    case 'failed':
      report('account-failed', says(posted), {
        en: 'make token and QQ number in rookery.yaml equal to those in NapCat; `rookery accounts reconnect` tries at once',
        zh: '请让 rookery.yaml 与 NapCat 中的 token 和 QQ 号一致；`rookery accounts reconnect` 可立即重试',
      });
      return found;
    case 'connecting':
    case 'stopped':
    case undefined:
      break;
  }
  if (account.mode === 'forward') found.push(...visitFindings(await visitNapcat(dialOf(account), clock), account));
  else if (posted?.state === 'connecting' && settled) {
    report('account-waiting', says(posted), {
      en: 'in NapCat, network, websocketClients: enable the entry, compare its URL with `reverse` and its token; in containers 127.0.0.1 is NapCat itself',
      zh: '请检查 NapCat 网络配置的 websocketClients：是否启用、地址是否与 `reverse` 一致、token 是否相同；容器中的 127.0.0.1 是 NapCat 自己',
    });
  }
  return found;
}

const LOGIN_AGAIN: Text = {
  en: 'log the account in again through the web page of its NapCat; do not let anything repeat logins by itself',
  zh: '请在 NapCat 的网页中重新登录；不要让程序自动反复登录',
};

const says = ({ state, reason }: PostedStatus): Text => ({ en: `${state}: ${reason}`, zh: `${state}：${reason}` });

type ForwardAccount = Extract<AccountConfig, { mode: 'forward' }>;

const dialOf = ({ url, token }: ForwardAccount) => ({ url, token: token?.reveal() });

function visitFindings(visit: Visit, { selfId, url }: ForwardAccount): Finding[] {
  const of = (id: FindingId, problem: Text, remedy: Text): Finding[] => [
    { id, place: `account ${selfId}`, problem, remedy },
  ];
  switch (visit.kind) {
    case 'unreachable':
      return of(
        'napcat-unreachable',
        {
          en: `NapCat at ${url} cannot be reached (${visit.detail})`,
          zh: `无法连接 ${url} 的 NapCat（${visit.detail}）`,
        },
        {
          en: visit.advice,
          zh: '请启动 NapCat，在网络配置中启用 websocketServers，并核对地址、端口和防火墙；容器中的 127.0.0.1 是容器自己',
        },
      );
    case 'token_refused':
      return of(
        'napcat-token',
        { en: `NapCat at ${url} refuses the token`, zh: `${url} 的 NapCat 拒绝了 token` },
        {
          en: 'make `token` of the account equal to the token of that websocketServers entry',
          zh: '请让账号的 `token` 与 NapCat 该 websocketServers 条目的 token 相同',
        },
      );
    case 'silent':
      return of(
        'napcat-silent',
        { en: `${url} accepts the connection and says nothing`, zh: `${url} 接受了连接，但没有任何数据` },
        {
          en: 'check that a OneBot 11 WebSocket server listens there, not only its path /api, and that NapCat is not frozen',
          zh: '请确认那里是 OneBot 11 的 WebSocket 服务，路径不是 /api，且 NapCat 没有卡死',
        },
      );
    case 'greeted':
      if (visit.self !== selfId) {
        return of(
          'napcat-other-account',
          { en: `account ${visit.self} answers at ${url}`, zh: `在 ${url} 应答的是账号 ${visit.self}` },
          { en: 'correct `selfId` or `url`', zh: '请更正 `selfId` 或 `url`' },
        );
      }
      if (visit.online !== false) return [];
      return of('account-offline', { en: 'QQ has dropped its login', zh: 'QQ 登录已失效' }, LOGIN_AGAIN);
  }
}

function isLoopback(url: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(new URL(url).hostname);
}
