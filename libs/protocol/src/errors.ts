import { types } from 'node:util';

/**
 * The error table. A code never changes its meaning: dashboards, plugins and operators' notes rely on it. `next` is what a
 * person should do; `docs/errors.md` is generated from this table.
 */
export type RetryAdvice =
  | { readonly kind: 'never' }
  | { readonly kind: 'backoff' }
  | { readonly kind: 'wait'; readonly ms: number };

interface ErrorEntry {
  readonly what: string;
  readonly next: string;
  readonly retry: RetryAdvice;
}

const NEVER: RetryAdvice = { kind: 'never' };
const BACKOFF: RetryAdvice = { kind: 'backoff' };

export const ERRORS = {
  CONFIG_INVALID: {
    what: 'The configuration cannot be used.',
    next: 'Correct the keys that the message lists; rookery.example.yaml documents every key.',
    retry: NEVER,
  },
  PORT_BUSY: {
    what: 'Another program listens on the address.',
    next: 'Stop that program or change the setting that the message names.',
    retry: NEVER,
  },
  REDIS_MISSING: {
    what: 'No Redis server could be found or fetched.',
    next: 'Install one with the command that the message prints, or set REDIS_URL.',
    retry: NEVER,
  },
  REDIS_UNREACHABLE: {
    what: 'Redis does not answer.',
    next: 'Check that it runs at the address that the message names.',
    retry: BACKOFF,
  },
  REDIS_REFUSED: {
    what: 'Redis refuses our login, or lets our user do less than Rookery needs.',
    next: 'Correct user and password in REDIS_URL, or run the ACL SETUSER that the message names; docs/redis.md lists all rights.',
    retry: NEVER,
  },
  REDIS_UNSUITABLE: {
    what: 'Redis runs with settings that lose data.',
    next: 'Set `appendonly yes` and `maxmemory-policy noeviction`.',
    retry: NEVER,
  },
  PARTITIONS_DIFFER: {
    what: 'This node uses another number of partitions than the cluster.',
    next: 'Use the number recorded in Redis, or start with an empty Redis.',
    retry: NEVER,
  },
  CLUSTER_CHANGED: {
    what: 'The cluster has agreed on something else than this node, which was started while Redis had lost its data.',
    next: 'Nothing: the node ends, and takes that over when it is started again.',
    retry: BACKOFF,
  },
  LINK_TOKEN_REFUSED: {
    what: 'NapCat refused our token.',
    next: 'Make the account’s token in rookery.yaml equal to the token of its NapCat network entry.',
    retry: { kind: 'wait', ms: 60_000 },
  },
  LINK_DOWN: {
    what: 'The account has no live connection.',
    next: 'Check that its NapCat runs and that address and token agree.',
    retry: BACKOFF,
  },
  LINK_WRONG_ACCOUNT: {
    what: 'Another account than the configured one answers at this address.',
    next: 'Correct `selfId` or `url` of the account in rookery.yaml.',
    retry: { kind: 'wait', ms: 60_000 },
  },
  ACTION_INVALID: {
    what: 'The action or its parameters are wrong; nothing was sent.',
    next: 'Correct the parameter that the message names.',
    retry: NEVER,
  },
  ACTION_REFUSED: {
    what: 'NapCat or QQ refused the action; nothing happened.',
    next: 'Read the text: it is the only statement of the cause.',
    retry: NEVER,
  },
  ACTION_NO_PERMISSION: {
    what: 'The account may not do that in this group.',
    next: 'Make the account an admin, or let an account act that is one.',
    retry: NEVER,
  },
  ACTION_MUTED: {
    what: 'The account is muted in this group, or the whole group is.',
    next: 'Wait until the mute ends; sending on raises the risk of a ban.',
    retry: NEVER,
  },
  ACTION_NOT_FRIEND: {
    what: 'The person is no friend of the account, so QQ refuses the message.',
    next: 'Add the person, or pass the group of a temporary session as `group_id`.',
    retry: NEVER,
  },
  ACTION_NOT_IN_GROUP: {
    what: 'The account, or the person meant, is not in the group.',
    next: 'Invite the account again, or use one that is in the group.',
    retry: NEVER,
  },
  ACTION_TARGET_NOT_FOUND: {
    what: 'The message, file or request meant is not known to the account’s NapCat (it forgets ids after 5,000 messages or a restart).',
    next: 'Quote by `seq`, or load the history first, which makes ids known again.',
    retry: NEVER,
  },
  ACTION_NOT_SUPPORTED: {
    what: 'The account’s implementation does not have this action.',
    next: 'Use another action, or another implementation for this account.',
    retry: NEVER,
  },
  ACTION_PACKET_BACKEND_MISSING: {
    what: 'The action needs NapCat’s packet backend, which does not work with the installed QQ build.',
    next: 'Install a QQ build that NapCat lists, or do without the action.',
    retry: NEVER,
  },
  ACTION_MEDIA_FAILED: {
    what: 'NapCat could not read or upload a file of the message.',
    next: 'Check that NapCat’s machine reaches the address, and that the file is not too large.',
    retry: NEVER,
  },
  ACTION_ACCOUNT_OFFLINE: {
    what: 'QQ has dropped the account’s login or its network.',
    next: 'Log the account in again through the web page of its NapCat.',
    retry: BACKOFF,
  },
  ACCOUNT_UNKNOWN: {
    what: 'The cluster has no account with that number.',
    next: 'See the accounts with `rookery accounts list`; add one with `rookery accounts add`.',
    retry: NEVER,
  },
  ACCOUNT_IN_OTHER_POOL: {
    what: 'The account belongs to another pool than the group was named with.',
    next: 'See the accounts and their pools with `rookery accounts list`.',
    retry: NEVER,
  },
  ACCOUNT_EXISTS: {
    what: 'The cluster has that account already.',
    next: 'Remove it first, or change it where it is defined.',
    retry: NEVER,
  },
  ACCOUNT_CHANGED: {
    what: 'Somebody else changed the account in the meantime; nothing was done.',
    next: 'Look at its present state and decide again.',
    retry: NEVER,
  },
  ACCOUNT_IN_FILE: {
    what: 'The account is defined in rookery.yaml, so it can only be removed there.',
    next: 'Stop it now with `rookery accounts stop`, and take it out of the file.',
    retry: NEVER,
  },
  KEY_MISSING: {
    what: 'A token has to be kept in Redis, and there is no key to encrypt it with.',
    next: 'Set ROOKERY_KEY (for example from `openssl rand -base64 32`) for every process, or write the account into rookery.yaml.',
    retry: NEVER,
  },
  KEY_WRONG: {
    what: 'A token in Redis was encrypted with another key.',
    next: 'Give every process and the command line the same ROOKERY_KEY.',
    retry: NEVER,
  },
  NODE_UNKNOWN: {
    what: 'No running node has that name.',
    next: 'See the nodes with `rookery nodes`.',
    retry: NEVER,
  },
  NODE_SILENT: {
    what: 'The node did not answer in time; it may have done what it was asked.',
    next: 'Look at its health and its log.',
    retry: BACKOFF,
  },
  ACTION_EXPIRED: {
    what: 'The action waited past its expiry and was dropped; nothing was sent.',
    next: 'Find out why it waited: account offline, paused, or limits.',
    retry: NEVER,
  },
  ACTION_WITHDRAWN: {
    what: 'The action was taken back before it was sent; nothing was sent.',
    next: 'Nothing: somebody paused or cancelled its broadcast, or gave it to another account.',
    retry: NEVER,
  },
  ACTION_UNKNOWN_ACCOUNT: {
    what: 'No account of this cluster has that number.',
    next: 'Add it to `accounts` in rookery.yaml.',
    retry: NEVER,
  },
  ACTION_NO_REPLY: {
    what: 'No reply came; the action only reads, so nothing has changed.',
    next: 'Ask again; if that fails too, look whether the account’s NapCat still answers.',
    retry: BACKOFF,
  },
  ACTION_OUTCOME_UNKNOWN: {
    what: 'The action may or may not have taken effect; it is not sent again.',
    next: 'Look into the chat before you repeat it.',
    retry: NEVER,
  },
  ACTION_LATE: {
    what: 'A handler asked for an action after it had ended or passed its deadline; nothing was sent.',
    next: 'Await what the handler asks for before it returns, or give it a longer deadline.',
    retry: NEVER,
  },
  ACTION_OVER_BUDGET: {
    what: 'A handler asked for more actions than one event may cause; nothing more was sent.',
    next: 'Find the loop; a broadcast is not the answer to one event.',
    retry: NEVER,
  },
  ACTION_NOT_GRANTED: {
    what: 'A plugin asked for something that plugins may not do just because they are there; nothing was sent.',
    next: 'Where it is right, grant it: `permissions` of rookery.yaml, as the message says; authors declare it in `needs` of @BotPlugin.',
    retry: NEVER,
  },
  PLUGIN_INVALID: {
    what: 'A plugin declares something impossible.',
    next: 'Correct the declaration that the message names.',
    retry: NEVER,
  },
  HANDLER_FAILED: {
    what: 'A plugin’s handler threw.',
    next: 'Read the stack; the event is kept with the failure.',
    retry: BACKOFF,
  },
  HANDLER_TIMEOUT: {
    what: 'A plugin’s handler passed its deadline.',
    next: 'Make it faster, or give it a longer deadline.',
    retry: BACKOFF,
  },
  HANDLER_ENDED_HOST: {
    what: 'A plugin’s handler blocked its thread past the deadline, ran out of memory or ended the thread.',
    next: 'Correct the handler; then replay the event with `rookery dead-letters replay`.',
    retry: NEVER,
  },
  HANDLER_INTERRUPTED: {
    what: 'The worker had to stop before the handler ended; another worker runs it again.',
    next: 'Nothing, unless it happens without a restart.',
    retry: BACKOFF,
  },
  PLUGIN_OFF: {
    what: 'The plugin is switched off, because it ended its thread too often or could not be loaded.',
    next: 'Correct the plugin and restart the workers; then replay its dead letters.',
    retry: NEVER,
  },
  CONVERSATION_FULL: {
    what: 'Too many events of one conversation, or of all, were waiting for their handlers.',
    next: 'Find the handler that is slow; replay the events with `rookery dead-letters replay`.',
    retry: NEVER,
  },
  DEAD_LETTER_UNKNOWN: {
    what: 'There is no dead letter with that id.',
    next: 'See them with `rookery dead-letters list`.',
    retry: NEVER,
  },
  HANDLER_CHANGED: {
    what: 'A handler that waited for an answer was changed meanwhile and cannot go on from there.',
    next: 'Nothing: the person was told to start again. If no plugin was updated, make the handler do the same whenever it is run again.',
    retry: NEVER,
  },
  ASK_REFUSED: {
    what: 'A handler asked a question where nobody can be asked, or too many wait for answers.',
    next: 'Correct the question that the message names; the bounds are in docs/plugins-context.md.',
    retry: NEVER,
  },
  STATE_REFUSED: {
    what: 'A plugin wanted to store something that cannot be stored.',
    next: 'Store less, delete what is not needed, or use plain values; the message says which limit it is.',
    retry: NEVER,
  },
  BROADCAST_INVALID: {
    what: 'The broadcast cannot be carried out as it was asked for; nothing was sent.',
    next: 'Correct what the message names.',
    retry: NEVER,
  },
  BROADCAST_REFUSED: {
    what: 'Whoever asked the plugin for it may not begin or change broadcasts; nothing was sent.',
    next: 'Give the right with `rookery plugin grant broadcast <QQ number>`; `superusers` of rookery.yaml have it.',
    retry: NEVER,
  },
  BROADCAST_UNKNOWN: {
    what: 'There is no broadcast with that id; ended ones are kept for seven days.',
    next: 'See them with `rookery broadcast list`.',
    retry: NEVER,
  },
  BROADCAST_ENDED: {
    what: 'The broadcast has ended or is being cancelled, so it cannot be changed any more.',
    next: 'Look at what it came to with `rookery broadcast show`, and start another one where needed.',
    retry: NEVER,
  },
  BROADCASTS_FULL: {
    what: 'Too many broadcasts have not ended yet.',
    next: 'Wait for some to end, or cancel some.',
    retry: NEVER,
  },
  SETTING_REFUSED: {
    what: 'A setting of a plugin cannot be made: it is too large, does not fit the plugin, or there are too many.',
    next: 'Correct what the message names; `rookery plugin list` shows what there is.',
    retry: NEVER,
  },
  PLUGIN_UNKNOWN: {
    what: 'No worker has loaded a plugin, or a handler of it, with that name.',
    next: 'See them with `rookery plugin list`; start a worker first if there is none.',
    retry: NEVER,
  },
  ENVELOPE_INVALID: {
    what: 'A job in our queues is not of our making or of an unknown version.',
    next: 'Upgrade this node, or find who writes into our queues.',
    retry: NEVER,
  },
  INTERNAL: {
    what: 'A fault of Rookery itself.',
    next: 'Report it with the stack.',
    retry: BACKOFF,
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** An error with a stable code. The message names the thing, the place and the next step, and never a secret. */
export class RookeryError extends Error {
  override readonly name = 'RookeryError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  get retry(): RetryAdvice {
    return ERRORS[this.code].retry;
  }
}

/** Whatever was thrown, as an Error: handlers throw strings, undefined, and objects whose getters throw. */
export function toError(thrown: unknown): Error {
  // Not `instanceof` alone: errors of another realm (node:vm, which Jest uses) are errors too.
  if (thrown instanceof Error || types.isNativeError(thrown)) return thrown;
  let text: string;
  try {
    text = typeof thrown === 'string' ? thrown : (JSON.stringify(thrown) ?? String(thrown));
  } catch {
    text = 'a value that cannot be printed';
  }
  return new RookeryError('INTERNAL', `a non-error was thrown: ${text}`);
}

/** For exhaustive switches: does not compile while a case is missing. */
export function assertNever(value: never): never {
  throw new RookeryError('INTERNAL', `unhandled case: ${JSON.stringify(value)}`);
}
