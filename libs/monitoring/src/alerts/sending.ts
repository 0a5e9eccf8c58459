import { decidedBy, type Alert } from './alert';

const ended = (outcome: string) => `rookery_actions_total{instance="c",lane="normal",outcome="${outcome}"}`;
const breaker = (scope: string) => `rookery_account_breakers{account="10001",instance="c",scope="${scope}"}`;

export const SENDING_ALERTS: readonly Alert[] = [
  {
    name: 'RookeryOutboundTooOld',
    severity: 'warning',
    expr: 'max by (lane) (rookery_outbound_oldest_seconds{lane=~"interactive|normal|read"}) > 60',
    for: '2m',
    summary: 'An action of lane {{ $labels.lane }} has waited for {{ $value | humanizeDuration }}',
    zh: '待发送消息等待过久',
    description: 'Answers come late or expire.',
    causes: [
      'its account is not connected or paused',
      'the limits of the account are used up',
      'too much is sent by one account',
    ],
    steps: [
      'The dashboard “Pipeline” shows what waits by lane.',
      'Add accounts to the pool, or look whether `limits` are too cautious.',
    ],
    fires: { 'rookery_outbound_oldest_seconds{instance="w",lane="normal"}': '90x60' },
    quiet: { 'rookery_outbound_oldest_seconds{instance="w",lane="bulk"}': '900x60' },
  },
  {
    name: 'RookeryExpiredMessages',
    severity: 'warning',
    expr: 'sum by (lane) (increase(rookery_actions_expired_total[15m])) > 10',
    for: '0m',
    summary: 'Over ten actions of lane {{ $labels.lane }} waited past their expiry and were not sent',
    zh: '消息过期未发送',
    description: 'People got no answer. Nothing old is sent in a burst later, that would get accounts frozen.',
    causes: ['accounts were not connected', 'more is asked for than the limits let through'],
    steps: ['See [RookeryOutboundTooOld](RookeryOutboundTooOld.md).'],
    ...decidedBy('rookery_actions_expired_total{instance="c",lane="normal"}', '0+1x60', '0+1x5 5x55'),
  },
  {
    name: 'RookerySendFailureRatio',
    severity: 'warning',
    expr:
      'sum(increase(rookery_actions_total{outcome=~"refused|not_sent",lane!="read"}[10m])) > 5 and ' +
      'sum(increase(rookery_actions_total{outcome=~"refused|not_sent",lane!="read"}[10m])) > ' +
      '0.1 * sum(increase(rookery_actions_total{lane!="read"}[10m]))',
    for: '5m',
    summary: 'More than a tenth of what was to be sent was refused or not sent',
    zh: '发送失败率过高',
    description: 'QQ or NapCat refuses: muted, no friend, not in the group, or risk control.',
    causes: [
      'accounts are muted or were removed from groups',
      'risk control of QQ',
      'a plugin asks for what is not possible',
    ],
    steps: [
      'The connector’s log has the code and the text of each refusal.',
      'With signs of risk control: slow down (`limits.profile: cautious`) before accounts are lost.',
    ],
    fires: { [ended('refused')]: '0+2x60', [ended('sent')]: '0+5x60' },
    quiet: { [ended('refused')]: '0+2x60', [ended('sent')]: '0+50x60' },
  },
  {
    name: 'RookerySendUnknown',
    severity: 'warning',
    expr: 'sum(increase(rookery_actions_total{outcome="unknown"}[15m])) > 3',
    for: '0m',
    summary: 'The outcome of more than three actions is not known',
    zh: '多条消息发送结果未知',
    description: 'They may have been sent or not; they are never sent again by themselves.',
    causes: [
      'NapCat answers with a timeout: often a message that QQ silently blocks',
      'connections broke while sending',
    ],
    steps: [
      'Look into the chats before you repeat anything.',
      'Timeouts of one account alone: let it rest, it may be under risk control.',
    ],
    ...decidedBy(ended('unknown'), '0+1x60', '0+1x3 3x57'),
  },
  {
    name: 'RookeryBreakerOpen',
    severity: 'warning',
    expr: 'max by (account, scope) (rookery_account_breakers{scope=~"account|groups"}) > 0',
    for: '1m',
    summary: 'Account {{ $labels.account }} is kept from sending ({{ $labels.scope }}): its sends failed in a row',
    zh: '账号连续发送失败，已暂停发送（熔断）',
    description:
      'After ten minutes (a minute where QQ has dropped the login) one action is tried; each failure doubles the time. Siblings of ' +
      'its pool go on.',
    causes: [
      '`groups`: QQ silently blocks the account in groups (risk control), so that its sends get no answer',
      '`account`: QQ has dropped its login or its network',
    ],
    steps: [
      '`rookery accounts why <number>` says what is kept back and until when.',
      'Look into QQ by hand: does a message of the account reach its groups?',
      'Let the account rest for a day, then slow it down (`limits.profile: cautious`).',
    ],
    fires: { [breaker('groups')]: '_x40 1x20' },
    quiet: { [breaker('chat')]: '3x60', [breaker('groups')]: '1x20 _x40' },
  },
  {
    name: 'RookeryRateLimitSaturated',
    severity: 'warning',
    expr: 'sum by (account) (rate(rookery_account_limited_seconds_total[10m])) > 0.8',
    for: '10m',
    summary: 'Account {{ $labels.account }} has more to send than its limits let through',
    zh: '账号发送额度已用尽，消息持续排队',
    description: 'What it is to send comes later and later, until it expires.',
    causes: [
      'a plugin or a broadcast sends much through one account',
      'too few accounts in the pool',
      'the limits are more cautious than the account needs, or its day is used up',
    ],
    steps: [
      '`rookery accounts why <number>` names the layer; the dashboard “Sending” shows the waits of all accounts by layer.',
      'Add accounts to the pool, or raise the limit that is named, knowing that QQ may freeze accounts for it.',
    ],
    ...decidedBy('rookery_account_limited_seconds_total{account="10001",instance="c"}', '0+29x60', '0+15x60'),
  },
];
