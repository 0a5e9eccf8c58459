import type { Permissions } from '@rookery/plugin-kit';
import type { EventHead } from '@rookery/protocol';

/** What operators have set about plugins and people; answered from memory at every event. */
export interface Access extends Permissions {
  /** Numbers of the people who may do everything. */
  readonly superusers: readonly string[];
  /**
   * Whether the plugin, and this handler of it, is switched on where the event happened. `unset`: what holds for a handler of which
   * nothing is said.
   */
  isOn(plugin: string, handler: string | undefined, event: EventHead, unset?: boolean): boolean;
}

/** Nobody has set anything. */
export const OPEN_ACCESS: Access = {
  superusers: [],
  isOn: (_plugin, _handler, _event, unset = true) => unset,
  isSuperuser: () => false,
  isGranted: () => false,
};
