import type { PluginManifest } from '@rookery/plugin-kit';
import {
  PLUGIN_RIGHTS,
  RookeryError,
  rightsFor,
  type Action,
  type BroadcastRequest,
  type Event,
  type EventId,
  type PluginRight,
} from '@rookery/protocol';

/** What the operator grants, by the ids of plugins: rights, and single actions by name. */
export type Permitted = Readonly<Record<string, readonly string[]>>;

/** One action for which a plugin needed a right. */
export interface RightUse {
  readonly plugin: string;
  readonly handler: string;
  readonly event: EventId;
  readonly right: PluginRight;
  readonly asked: Asking;
  readonly allowed: boolean;
}

export type Asking = Pick<Action, 'name' | 'params' | 'self' | 'conversation'> & Partial<Pick<Action, 'id'>>;

/** Why an action is refused; undefined when it may go. */
export type Judge = (asked: Asking) => RookeryError | undefined;

/** A plugin has these by declaring that it needs them; the operator sees it in `rookery plugin list`. The others take a grant. */
const DECLARED: readonly PluginRight[] = ['moderate', 'account'];

/** Decides what plugins may do that not every plugin may. Everything that a handler asks for passes here, in the worker and not in its thread. */
export class PluginRights {
  constructor(
    private readonly permitted: Permitted,
    private readonly onUse: (use: RightUse) => void,
  ) {}

  /** For one run of a handler. */
  of({ id, needs = [] }: PluginManifest, { handler, event }: { handler: string; event: Event }): Judge {
    const granted = Object.hasOwn(this.permitted, id) ? (this.permitted[id] ?? []) : [];
    return (asked) => {
      const rights = rightsFor(asked);
      if (rights.length === 0) return undefined;
      const lacking = rights.filter((right) => !may(asked.name, right, needs, granted));
      for (const right of rights)
        this.onUse({ plugin: id, handler, event: event.id, right, asked, allowed: !lacking.includes(right) });
      const [first] = lacking;
      return first && new RookeryError('ACTION_NOT_GRANTED', explain(id, asked, first));
    };
  }
}

/** A broadcast is a send, whatever its message holds. Throws ACTION_NOT_GRANTED. */
export function requireBroadcastRights(judge: Judge, { self }: Event, { message }: BroadcastRequest): void {
  const error = judge({ name: 'send_msg', params: { message }, self });
  if (error) throw error;
}

/** What a plugin declares that only a grant can give it, as far as it was not given. */
export function ungranted({ id, needs = [] }: PluginManifest, permitted: Permitted): readonly string[] {
  const granted = Object.hasOwn(permitted, id) ? (permitted[id] ?? []) : [];
  return needs.filter((need) => {
    const right = isRight(need) ? need : rightsFor({ name: need, params: {} })[0];
    return right !== undefined && !may(need, right, needs, granted);
  });
}

const isRight = (need: string): need is PluginRight => (PLUGIN_RIGHTS as readonly string[]).includes(need);

function may(name: string, right: PluginRight, needs: readonly string[], granted: readonly string[]): boolean {
  const meant = right === 'mention-all' ? [right] : [right, name];
  return meant.some((word) => granted.includes(word) || (DECLARED.includes(right) && needs.includes(word)));
}

function explain(plugin: string, { name }: Asking, right: PluginRight): string {
  const what = right === 'mention-all' ? `mention everybody (${name})` : `do ${name}`;
  const declare = DECLARED.includes(right) ? `declare needs: ['${right}'] in its @BotPlugin, or ` : '';
  const grant = right === 'dangerous' ? name : right;
  return `plugin ${plugin} may not ${what}: ${declare}write permissions: { ${plugin}: [${grant}] } into rookery.yaml and start the workers anew`;
}
