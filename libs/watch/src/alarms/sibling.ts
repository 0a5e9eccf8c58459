import { actionId, MINUTE, type Action, type Clock } from '@rookery/protocol';
import { presentState, type WatchedAccount } from '../survey';
import type { Channel, Notice } from './alarms';
import { words } from './words';

/** Whom to tell on QQ. */
export type Recipient = { readonly user: string } | { readonly group: string };

export interface SiblingOptions {
  readonly to: readonly Recipient[];
  readonly clock: Clock;
  readonly publish: (action: Action) => Promise<void>;
}

const EXPIRES_MS = 10 * MINUTE;

/** Tells people on QQ, through an account that still works: one of the pool of the account that dropped, where there is one. */
export class Sibling implements Channel {
  readonly name = 'message';

  constructor(private readonly options: SiblingOptions) {}

  async tell(notice: Notice): Promise<void> {
    const speaker = speakerFor(notice);
    if (speaker === undefined) throw new Error('no account of the fleet is online that could tell it');
    const { to, clock, publish } = this.options;
    const message = [{ type: 'text', data: { text: words(notice).text } }];
    const createdAt = clock.now();
    await Promise.all(
      to.map((recipient, index) =>
        publish({
          v: 1,
          // The same for the same notice: told once, also when two nodes believed that it was theirs to tell.
          id: actionId(`alarm.${notice.at}.${index}`),
          self: speaker.self,
          ...('user' in recipient
            ? { name: 'send_private_msg', params: { user_id: recipient.user, message } }
            : { name: 'send_group_msg', params: { group_id: recipient.group, message } }),
          lane: 'normal',
          createdAt,
          expiresAt: createdAt + EXPIRES_MS,
          origin: { plugin: 'rookery' },
        }),
      ),
    );
  }
}

function speakerFor({ picture, raised, cleared }: Notice): WatchedAccount | undefined {
  const about = [...raised, ...cleared].find(({ self }) => self !== undefined)?.self;
  const pool = picture.accounts.find(({ self }) => self === about)?.pool;
  const online = picture.accounts.filter(
    (account) => account.wanted === 'started' && presentState(account) === 'online',
  );
  return online.find((account) => account.pool === pool) ?? online[0];
}
