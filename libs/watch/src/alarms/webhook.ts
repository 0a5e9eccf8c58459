import { SECOND } from '@rookery/protocol';
import type { Channel, Notice } from './alarms';
import { words } from './words';

const TIMEOUT_MS = 10 * SECOND;

/** Posts `{ subject, text, raised, cleared }` as JSON; the token goes as `Authorization: Bearer …`. */
export class Webhook implements Channel {
  readonly name = 'webhook';

  constructor(private readonly options: { readonly url: string; readonly token?: { reveal(): string } | undefined }) {}

  async tell(notice: Notice): Promise<void> {
    const { url, token } = this.options;
    const { raised, cleared, at } = notice;
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token.reveal()}` }),
      },
      body: JSON.stringify({ v: 1, at, ...words(notice), raised, cleared }),
      // A token must not follow to wherever the answer points.
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the webhook answered with status ${response.status}`);
  }
}
