import type { Segment } from '@rookery/protocol';

/** Messages a chat keeps for history and quoting; older ones are forgotten, as QQ's local database would page them out. */
const HISTORY_LENGTH = 1000;

/** One message as QQ knows it, before any account has given it an id of its own. */
export interface Said {
  readonly chat: Chat;
  /** Position in the chat, decimal: NapCat's `real_seq`, equal for every account in it. */
  readonly seq: string;
  /** Unix seconds. */
  readonly time: number;
  readonly userId: string;
  /** In received form; quotes carry `seq`, media URLs no key yet. */
  readonly segments: readonly Segment[];
  /** Set when it was recalled: its content can no longer be read. */
  recalled: boolean;
}

/** A private chat lies between two people; `viaGroup` marks a temporary session opened from a group. */
export type ChatScene =
  | { readonly kind: 'group'; readonly groupId: string }
  | { readonly kind: 'private'; readonly between: readonly [string, string]; readonly viaGroup?: string };

/** One chat: its growing sequence and its newest messages. */
export class Chat {
  readonly history: Said[] = [];

  constructor(
    readonly key: string,
    readonly scene: ChatScene,
    private lastSeq: number,
  ) {}

  append(userId: string, time: number, segments: readonly Segment[]): Said {
    const said: Said = { chat: this, seq: String(++this.lastSeq), time, userId, segments, recalled: false };
    this.history.push(said);
    if (this.history.length > HISTORY_LENGTH) this.history.shift();
    return said;
  }

  bySeq(seq: string): Said | undefined {
    const first = this.history[0];
    return first === undefined ? undefined : this.history[Number(seq) - Number(first.seq)];
  }

  /** The other person of a private chat; for a group nobody. */
  peerOf(userId: string): string | undefined {
    if (this.scene.kind === 'group') return undefined;
    const [one, other] = this.scene.between;
    return one === userId ? other : one;
  }
}
