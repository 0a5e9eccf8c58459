import type { ErrorCode } from '@rookery/protocol';

/**
 * How the worker is done with an event. `unmatched`: no handler wanted it. `skipped`: `own` was said by an account of the
 * fleet, `copy` is another account's copy of an event that was taken already, `replay` was settled before, `brake` was said by
 * somebody who answers like a bot, `stale` is chatter that waited too long while the worker was behind, `plugin_off` was wanted
 * only by plugins that are switched off. `failed`: `overflow` had no room in its conversation's mailbox, otherwise the code of the first handler that
 * failed. `withdrawn`: it had not begun when the partition went to another worker, which handles it. Reasons are a closed set, fit for labels.
 */
export type Settled =
  | { readonly result: 'handled' }
  | { readonly result: 'unmatched' }
  | { readonly result: 'withdrawn' }
  | { readonly result: 'skipped'; readonly reason: 'own' | 'copy' | 'replay' | 'brake' | 'stale' | 'plugin_off' }
  | { readonly result: 'failed'; readonly reason: 'overflow' | ErrorCode };
