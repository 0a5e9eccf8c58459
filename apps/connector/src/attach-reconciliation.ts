import type { Clock } from '@rookery/protocol';
import type { Intake } from './intake/intake';
import type { Links } from './link/links';
import { HISTORY_CALL_MS, recentMessages } from './delivery/reconcile/recent-messages';
import { Reconciliation } from './delivery/reconcile/reconciliation';
import type { LastingClaims } from './delivery/reconcile/reconciliation-options';

/** Joins the search for unknown outcomes to the links, which it asks for history, and to what the accounts say. */
export function attachReconciliation(parts: {
  readonly claims: LastingClaims;
  readonly links: Links;
  readonly intake: Intake;
  readonly clock: Clock;
}): Reconciliation {
  const { claims, links, intake, clock } = parts;
  const reconciliation = new Reconciliation({
    claims,
    clock,
    readHistory: (self, target) =>
      recentMessages(
        (action, params) => links.call(self, action, params, { timeoutMs: HISTORY_CALL_MS }),
        clock,
        self,
        target,
      ),
  });
  intake.on('accepted', (event) => {
    if (event.type === 'message') reconciliation.heard(event);
  });
  links.on('status', ({ self, state }) => {
    if (state === 'online') void reconciliation.linkUp(self);
  });
  return reconciliation;
}
