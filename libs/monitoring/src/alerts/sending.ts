import type { Alert } from './alert';

const ended = (outcome: string) => `rookery_actions_total{instance="c",lane="normal",outcome="${outcome}"}`;

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
    fires: { 'rookery_actions_expired_total{instance="c",lane="normal"}': '0+1x60' },
    quiet: { 'rookery_actions_expired_total{instance="c",lane="normal"}': '0+1x5 5x55' },
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
    fires: { [ended('unknown')]: '0+1x60' },
    quiet: { [ended('unknown')]: '0+1x3 3x57' },
  },
];
