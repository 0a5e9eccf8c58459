import { ACTIONS } from './action-table';
import { ActionFailure, type Call, type Handler } from './call';
import { FILE_ACTIONS } from './file-actions';
import { GROUP_ACTIONS } from './group-actions';
import { MESSAGE_ACTIONS } from './message-actions';
import { coerceParams } from './params';
import { PEOPLE_ACTIONS } from './people-actions';
import { PROCESS_ACTIONS } from './process-actions';

/** Actions with an effect on the world. Every other name of the table answers with the emptiest value of its shape. */
const HANDLERS: Readonly<Record<string, Handler>> = {
  ...MESSAGE_ACTIONS,
  ...GROUP_ACTIONS,
  ...PEOPLE_ACTIONS,
  ...PROCESS_ACTIONS,
  ...FILE_ACTIONS,
};

/** NapCat does not validate the parameters of these. */
const UNCHECKED = /^send_(group_|private_)?(forward_)?msg$/;

/** The action without `_async` and `_rate_limited`, which are plain aliases in NapCat; undefined when there is none. */
export function knownAction(name: unknown): string | undefined {
  if (typeof name !== 'string') return undefined;
  const base = name.replace(/_(?:async|rate_limited)$/, '');
  return Object.hasOwn(ACTIONS, base) ? base : undefined;
}

/** Carries an action out and returns the reply's `data`. Throws {@link ActionFailure} with what NapCat would answer. */
export function perform(call: Call): unknown {
  const spec = ACTIONS[call.action];
  if (spec === undefined) throw new ActionFailure(`不支持的API ${call.action}`, 1404);
  if (spec.packetBackend && !call.process.packetBackend) {
    throw new ActionFailure('packetBackend不可用，请参照文档 https://napneko.github.io/config/advanced 解决', 1400);
  }
  const checked = UNCHECKED.test(call.action) ? { params: call.params } : coerceParams(spec, call.params);
  if ('refusal' in checked) throw new ActionFailure(checked.refusal, 1400);
  const handler = HANDLERS[call.action];
  return handler === undefined ? spec.data : handler({ ...call, params: checked.params });
}
