import {
  BotPlugin,
  Command,
  forGroupAdmins,
  On,
  Superuser,
  texts,
  Use,
  type MessageContext,
  type RequestContext,
} from '@rookery/plugin-kit';
import { RookeryError, type ActionResult } from '@rookery/protocol';
import { z } from 'zod';
import { askSuperusers, decideWaiting, described, waitingRequests } from './waiting';

const SAY = texts({
  accepted: { zh: '已同意请求 {id}。', en: 'Request {id} is accepted.' },
  rejected: { zh: '已拒绝请求 {id}。', en: 'Request {id} is rejected.' },
  unknown: { zh: '没有请求 {id}，可能已处理或过期。', en: 'There is no request {id}; it was decided or is too old.' },
  failed: { zh: '没有成功：{why}', en: 'That did not work: {why}' },
  none: { zh: '没有等待处理的请求。', en: 'No request waits.' },
});

/** `leave` lets people decide in QQ, which is the default. `ask`: superusers are told, and decide with a command. */
const rule = z.strictObject({
  action: z.enum(['accept', 'reject', 'ask', 'leave']).default('leave'),
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
  join: forGroupAdmins(rule.default(LEAVE)),
  /** Somebody invites the account into a group. */
  invite: rule.default(LEAVE),
});

type Rule = z.output<typeof rule>;

@BotPlugin({
  id: 'requests',
  title: { zh: '好友与加群请求', en: 'Requests' },
  config: RequestsConfig,
  needs: ['set_friend_add_request', 'set_group_add_request'],
})
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

  @Command('approve <id:int(1..)>', {
    alias: '同意请求',
    summary: { zh: '同意等待处理的请求', en: 'Accepts a request that waits' },
  })
  @Use(Superuser)
  approve(c: MessageContext, { id }: { id: number }): Promise<string> {
    return answer(c, id, true);
  }

  @Command('reject <id:int(1..)> [reason:text...]', {
    alias: '拒绝请求',
    summary: { zh: '拒绝等待处理的请求', en: 'Rejects a request that waits' },
  })
  @Use(Superuser)
  reject(c: MessageContext, { id, reason }: { id: number; reason: string | undefined }): Promise<string> {
    return answer(c, id, false, reason?.trim() || undefined);
  }

  @Command('pending', {
    alias: '待处理请求',
    summary: { zh: '列出等待处理的请求', en: 'Lists the requests that wait' },
  })
  @Use(Superuser)
  async pending(c: MessageContext): Promise<string> {
    const lines = (await waitingRequests(c)).map((request) => `${request.id}. ${described(c, request)}`);
    return lines.length > 0 ? lines.join('\n') : c.text(SAY.none);
  }
}

async function decide(c: RequestContext, rule: Rule): Promise<void> {
  const verdict = verdictOf(rule, c.event.comment);
  if (verdict === 'leave') return;
  if (verdict === 'ask') return askSuperusers(c);
  const reason = rule.reason === '' ? undefined : rule.reason;
  const { outcome, error } = verdict === 'accept' ? await c.approve() : await c.reject(reason);
  const { kind, userId } = c.event;
  if (outcome === 'sent') c.log.info({ kind, userId }, `a request was decided by rule: ${verdict}`);
  else
    c.log.warn({ kind, userId, outcome }, `a request could not be decided (${verdict}): ${error?.message ?? outcome}`);
}

/** Forgotten when it is decided, or when QQ wants no decision any more; what failed otherwise can be tried again. */
async function answer(c: MessageContext, id: number, accept: boolean, reason?: string): Promise<string> {
  const waiting = (await waitingRequests(c)).find((request) => request.id === id);
  if (!waiting) return c.text(SAY.unknown, { id });
  const { outcome, error } = await decideWaiting(c, waiting, accept, reason).catch(toRefusal);
  if (outcome === 'sent' || outcome === 'refused') await c.storage.pool.delete(waiting.name);
  if (outcome === 'sent') return c.text(accept ? SAY.accepted : SAY.rejected, { id });
  return c.text(SAY.failed, { why: error?.message ?? outcome });
}

/** The account that was asked is not in the cluster any more: nobody can decide. */
function toRefusal(thrown: unknown): Pick<ActionResult, 'outcome' | 'error'> {
  if (!(thrown instanceof RookeryError) || thrown.code !== 'ACTION_UNKNOWN_ACCOUNT') throw thrown;
  const { code, message } = thrown;
  return { outcome: 'refused', error: { code, message } };
}

function verdictOf({ action, acceptWords, rejectWords }: Rule, comment: string): Rule['action'] {
  const said = comment.toLowerCase();
  const holds = (words: readonly string[]) => words.some((word) => said.includes(word.toLowerCase()));
  if (holds(rejectWords)) return 'reject';
  return holds(acceptWords) ? 'accept' : action;
}
