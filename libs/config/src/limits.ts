import {
  impossible,
  resolveLimits,
  scopeKey,
  type LimitLayer,
  type LimitScope,
  type LimitsPatch,
} from '@rookery/pacing';
import { poolName, type ConversationKey } from '@rookery/protocol';
import { findings } from './check';
import { asPatch, conversationLimits, conversationName, fileLayer, limitsPatch } from './limits-schema';
import type { RookeryConfig } from './load-config';
import { configInvalid } from './problem';

/** What the file says about limits, as layers of a LimitTable. */
export function configuredLimits(config: Pick<RookeryConfig, 'limits' | 'pools' | 'accounts'>): LimitLayer[] {
  const { timeZone: _, conversations, ...global } = config.limits;
  return [
    ...fileLayer({ of: 'global' }, global),
    ...Object.entries(config.pools).flatMap(([name, { limits }]) =>
      fileLayer({ of: 'pool', pool: poolName(name) }, limits),
    ),
    ...config.accounts.flatMap(({ selfId, limits }) => fileLayer({ of: 'account', self: selfId }, limits)),
    ...Object.entries(conversations).flatMap(([name, said]) =>
      fileLayer({ of: 'conversation', conversation: name as ConversationKey }, said),
    ),
  ];
}

/**
 * What somebody wants to set at run time, held to the rules of the file. Throws CONFIG_INVALID with all problems, naming `place`.
 * `wider`: the layers that hold already, so that limits which are possible alone and impossible together are refused too.
 */
export function checkLimits(
  scope: LimitScope,
  value: unknown,
  place: string,
  wider: readonly LimitLayer[] = [],
): LimitsPatch {
  const schema = scope.of === 'conversation' ? conversationLimits : limitsPatch;
  if (scope.of === 'conversation' && !conversationName.safeParse(scope.conversation).success) {
    const text = 'must be group:<pool>:<group number> or private:<account>:<QQ number>';
    throw configInvalid([{ place: scopeKey(scope), path: [], text }]);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    throw configInvalid(findings(parsed.error, schema, value).map((found) => ({ place, ...found })));
  }
  const patch = asPatch(parsed.data);
  const broken = impossible(resolveLimits([...wider, { scope, from: 'override', patch }]).settings);
  if (broken) throw configInvalid([{ place, path: broken.setting.split('.'), text: broken.rule }]);
  return patch;
}
