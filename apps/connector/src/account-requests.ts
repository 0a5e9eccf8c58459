import type { RequestHandlers } from '@rookery/protocol';
import type { Links } from './link/links';

type AccountRequest = 'account.status' | 'account.reconnect';

/** What a connector answers about the accounts that it holds now. */
export function accountRequests(links: Links): Pick<RequestHandlers<'connector'>, AccountRequest> {
  return {
    'account.status': ({ self }) => links.status(self) ?? null,
    'account.reconnect': ({ self }) => ({ done: links.reconnect(self) }),
  };
}
