import { BotPlugin, On, type RequestContext } from '@rookery/plugin-kit';
import { z } from 'zod';

/** `leave` lets people decide in QQ, which is the default. */
const rule = z.strictObject({
  action: z.enum(['accept', 'reject', 'leave']).default('leave'),
  /** Accepted, whatever the action says, when the comment contains one of them; upper and lower case are one. */
  acceptWords: z.array(z.string().min(1).max(100)).max(50).default([]),
  /** Rejected when the comment contains one of them; goes before `acceptWords`. */
  rejectWords: z.array(z.string().min(1).max(100)).max(50).default([]),
  /** Told to who is rejected; QQ shows it for groups only. */
  reason: z.string().max(100).default(''),
});

const LEAVE = rule.parse({});

export const RequestsConfig = z.object({
  friend: rule.default(LEAVE),
  /** Somebody wants to join a group of which the account is an admin. */
  join: rule.default(LEAVE),
  /** Somebody invites the account into a group. */
  invite: rule.default(LEAVE),
});

type Rule = z.output<typeof rule>;

@BotPlugin({ id: 'requests', title: { zh: '好友与加群请求', en: 'Requests' }, config: RequestsConfig })
export class RequestsPlugin {
  @On('request.friend')
  friend(c: RequestContext): Promise<void> {
    return decide(c, c.config(RequestsConfig).friend);
  }

  @On('request.group.add')
  join(c: RequestContext): Promise<void> {
    return decide(c, c.config(RequestsConfig).join);
  }

  @On('request.group.invite')
  invite(c: RequestContext): Promise<void> {
    return decide(c, c.config(RequestsConfig).invite);
  }
}

async function decide(c: RequestContext, rule: Rule): Promise<void> {
  const verdict = verdictOf(rule, c.event.comment);
  if (verdict === 'leave') return;
  const reason = rule.reason === '' ? undefined : rule.reason;
  const { outcome, error } = verdict === 'accept' ? await c.approve() : await c.reject(reason);
  const { kind, userId } = c.event;
  if (outcome === 'sent') c.log.info({ kind, userId }, `a request was decided by rule: ${verdict}`);
  else
    c.log.warn({ kind, userId, outcome }, `a request could not be decided (${verdict}): ${error?.message ?? outcome}`);
}

function verdictOf({ action, acceptWords, rejectWords }: Rule, comment: string): Rule['action'] {
  const said = comment.toLowerCase();
  const holds = (words: readonly string[]) => words.some((word) => said.includes(word.toLowerCase()));
  if (holds(rejectWords)) return 'reject';
  return holds(acceptWords) ? 'accept' : action;
}
