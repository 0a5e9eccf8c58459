/**
 * Identifiers. All of them are strings: QQ numbers would fit a double, but guild ids, sequences and message ids of
 * other implementations do not, and a number that passes through JSON.parse above 2^53 is silently wrong.
 * A brand keeps a user's number from being used as a group's; the constructors are the only way to make one.
 */
declare const brand: unique symbol;
export type Id<Name extends string> = string & { readonly [brand]: Name };

/** QQ number of one of our accounts, decimal. */
export type SelfId = Id<'SelfId'>;
/** QQ number of a person (or the tiny id of a guild member), decimal. */
export type UserId = Id<'UserId'>;
/** Number of a QQ group, decimal. */
export type GroupId = Id<'GroupId'>;
/** Message id as one account's implementation knows it. Local to that account and process (NapCat: a 31-bit hash). */
export type MessageId = Id<'MessageId'>;
/** Sequence number of a message within its conversation (`real_seq`); equal for every account in a group. Decimal. */
export type MessageSeq = Id<'MessageSeq'>;
/** Name of a set of accounts that act as one bot. */
export type PoolName = Id<'PoolName'>;
/** One received copy of an event; the same copy received twice has the same id. */
export type EventId = Id<'EventId'>;
/** One wanted action; asking again with the same id is the same action. */
export type ActionId = Id<'ActionId'>;
/** One message for many targets; also part of the ids of its actions, so it is short. */
export type BroadcastId = Id<'BroadcastId'>;
/** One running process of the cluster. A restart is a new node. */
export type NodeId = Id<'NodeId'>;
/** Unit of order and of state, see {@link ./conversation}. */
export type ConversationKey = Id<'ConversationKey'>;
/** The chat that an action reaches, as one account sees it: `group:<id>`, `private:<user>`, `guild:<guild>:<channel>`, `account`. */
export type Chat = Id<'Chat'>;

/** Every event carries half a dozen ids: loops over their characters take a fifth of the time of a regular expression. */
function isWithin(text: string, first: number, last: number): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < first || code > last) return false;
  }
  return true;
}

const [ZERO, NINE] = [48, 57];

/** True for the decimal text of an unsigned 64-bit number without leading zeroes: the only form of a QQ id we accept. */
export function isDecimalId(text: string): boolean {
  const { length } = text;
  if (length === 0 || length > 20) return false;
  return isWithin(text, ZERO, NINE) && (length === 1 || text.charCodeAt(0) !== ZERO);
}

function branded<Name extends string>(name: Name, valid: (text: string) => boolean) {
  return (text: string): Id<Name> => {
    if (!valid(text)) throw new TypeError(`${JSON.stringify(text.slice(0, 64))} is not a ${name}`);
    return text as Id<Name>;
  };
}

const isName = (text: string) => /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(text);
const isToken = (text: string) => isShort(text) && isWithin(text, 0x21, 0x7e) && !text.includes(':');
const isShort = (text: string) => text.length > 0 && text.length <= 200;

export const selfId = branded('SelfId', isDecimalId);
export const userId = branded('UserId', isDecimalId);
export const groupId = branded('GroupId', isDecimalId);
/** Message ids of other implementations are free text (go-cqhttp channels: base64), so only the length is checked. */
export const messageId = branded('MessageId', isShort);
export const messageSeq = branded('MessageSeq', isDecimalId);
export const poolName = branded('PoolName', isName);
/** No colon: BullMQ refuses custom job ids that hold one, and event ids become parts of action ids. */
export const eventId = branded('EventId', isToken);
export const actionId = branded('ActionId', isToken);
export const nodeId = branded('NodeId', isName);
export const broadcastId = branded('BroadcastId', (text) => /^[a-z0-9]{6,40}$/.test(text));

export const DEFAULT_POOL = poolName('default');
