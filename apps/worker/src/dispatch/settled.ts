import type { ErrorCode } from '@rookery/protocol';

/**
 * How the worker is done with an event. `unmatched`: no handler wanted it. `skipped`: `own` was said by an account of the
 * fleet, `copy` is another account's copy of a message that was taken already. `failed`: `overflow` had no room in its
 * conversation's mailbox, otherwise the code of the first handler that failed. Reasons are a closed set, fit for labels.
 */
export type Settled =
  | { readonly result: 'handled' }
  | { readonly result: 'unmatched' }
  | { readonly result: 'skipped'; readonly reason: 'own' | 'copy' }
  | { readonly result: 'failed'; readonly reason: 'overflow' | ErrorCode };
