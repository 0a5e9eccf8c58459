import type { Permissions } from '@rookery/plugin-kit';
import type { Event } from '@rookery/protocol';

/** What operators have set about plugins and people; answered from memory at every event. */
export interface Access extends Permissions {
  /** Whether the plugin, and this handler of it, is switched on where the event happened. */
  isOn(plugin: string, handler: string, event: Event): boolean;
}

/** Nobody has set anything. */
export const OPEN_ACCESS: Access = { isOn: () => true, isSuperuser: () => false, isGranted: () => false };
