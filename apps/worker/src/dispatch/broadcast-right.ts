import { allows, BROADCAST_GRANT, Granted, type Permissions } from '@rookery/plugin-kit';
import { RookeryError, type Event } from '@rookery/protocol';
import { OPEN_ACCESS } from './access';

/**
 * Broadcasts reach more people than anything else that a plugin can do, so the one who causes it needs the right to. Behind a
 * schedule there is nobody but the operator who installed its plugin. Throws BROADCAST_REFUSED.
 */
export function requireBroadcastRight(event: Event, permissions: Permissions = OPEN_ACCESS): void {
  if (event.type === 'schedule' || allows(Granted(BROADCAST_GRANT), event, permissions)) return;
  const text = `whoever caused event ${event.id} does not have the grant "${BROADCAST_GRANT}" there`;
  throw new RookeryError('BROADCAST_REFUSED', text);
}
