import { z } from 'zod';
import { ERRORS, RookeryError, type ErrorCode } from '../errors';
import { CONTROL_REQUESTS, type Answer, type AppName, type Ask, type RequestName } from './requests';

/** What travels on the control channel. `v` as everywhere: a node accepts its own and the one before. */
const requestSchema = z.object({ v: z.literal(1), name: z.string().max(100), ask: z.unknown() });
const replySchema = z.union([
  z.object({ v: z.literal(1), answer: z.unknown() }),
  z.object({
    v: z.literal(1),
    error: z.object({ code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]), message: z.string() }),
  }),
]);

/** Why a request was not accepted. A closed set, for counting. */
export type ControlProblem = 'malformed' | 'unknown' | 'not_ours' | 'ask';

export type ParsedRequest =
  | { readonly ok: true; readonly name: RequestName; readonly ask: Ask<RequestName> }
  | { readonly ok: false; readonly problem: ControlProblem; readonly message: string };

const isRequest = (name: string): name is RequestName => Object.hasOwn(CONTROL_REQUESTS, name);

export function makeRequest<Name extends RequestName>(name: Name, ask: Ask<Name>): unknown {
  return { v: 1, name, ask };
}

export function parseRequest(app: AppName, data: unknown): ParsedRequest {
  const refuse = (problem: ControlProblem, message: string): ParsedRequest => ({ ok: false, problem, message });
  const parsed = requestSchema.safeParse(data);
  if (!parsed.success) return refuse('malformed', 'this is no request of a version that this node knows');
  const { name, ask } = parsed.data;
  if (!isRequest(name)) return refuse('unknown', 'this node does not know the request; is it of an older version?');
  const spec = CONTROL_REQUESTS[name];
  if (!(spec.by as readonly AppName[]).includes(app)) return refuse('not_ours', `a ${app} does not answer ${name}`);
  const checked = spec.ask.safeParse(ask);
  if (!checked.success) return refuse('ask', `${name}: ${z.prettifyError(checked.error)}`);
  return { ok: true, name, ask: checked.data };
}

export function makeAnswer(answer: unknown): unknown {
  return { v: 1, answer };
}

export function makeRefusal(code: ErrorCode, message: string): unknown {
  return { v: 1, error: { code, message } };
}

/** Throws what the node answered as an error, or ENVELOPE_INVALID when it is no answer to the request. */
export function parseAnswer<Name extends RequestName>(name: Name, data: unknown): Answer<Name> {
  const parsed = replySchema.safeParse(data);
  if (!parsed.success) throw new RookeryError('ENVELOPE_INVALID', `the reply to ${name} is not of a known version`);
  if ('error' in parsed.data) throw new RookeryError(parsed.data.error.code, parsed.data.error.message);
  const answer = CONTROL_REQUESTS[name].answer.safeParse(parsed.data.answer);
  if (answer.success) return answer.data as Answer<Name>;
  throw new RookeryError('ENVELOPE_INVALID', `not an answer to ${name}: ${z.prettifyError(answer.error)}`);
}
