// Generated from test/fixtures/protocol/actions.json by scripts/generate-protocol.mjs. Do not edit.
import type { MessageLike, Segment } from '../../segment';
import type { ActionTable } from '../action-spec';

export interface MessageActions {
  /**
   * NapCat; write.
   * Returns: null.
   */
  _mark_all_as_read: {
    params: Readonly<Record<string, never>>;
    data: null;
  };
  /**
   * OneBot 11; write, sends a message.
   * Only reply (messages) and approve/reason (requests) are executed; delete, kick, ban, ban_duration and friend remark are accepted but ignored. In groups a reply segment is always put in front; at_sender defaults to off. Answers ok at once, errors are only logged.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  '.handle_quick_operation': {
    params: {
      readonly context: Readonly<Record<string, unknown>>;
      readonly operation: Readonly<Record<string, unknown>>;
    };
    data: undefined;
  };
  /**
   * NapCat; write.
   * Presses a button of an official bot message.
   * Returns: {result: number, errMsg: string, status: number, promptText: string, promptType: number, promptIcon: number} (raw kernel result).
   */
  click_inline_keyboard_button: {
    params: {
      readonly group_id: string | number;
      readonly bot_appid: string;
      /** Default: "". */
      readonly button_id?: string;
      /** Default: "". */
      readonly callback_data?: string;
      /** Default: "10086". */
      readonly msg_seq?: string;
    };
    data: {
      readonly result: number;
      readonly errMsg: string;
      readonly status: number;
      readonly promptText: string;
      readonly promptType: number;
      readonly promptIcon: number;
    };
  };
  /**
   * go-cqhttp; write.
   * Returns: raw QQ kernel result, at least {result: number, errMsg: string}; a non-zero result is still wrapped in status ok.
   */
  delete_essence_msg: {
    params: {
      readonly message_id?: string | number;
      readonly msg_seq?: string;
      readonly msg_random?: string;
      readonly group_id?: string | number;
    };
    data: { readonly result: number; readonly errMsg: string };
  };
  /**
   * OneBot 11; write.
   * Needs a message_id that is still in the in-memory map, else "Recall failed". Waits 1 s for confirmation; lacking permission shows up as a 1200 timeout.
   * Returns: null.
   */
  delete_msg: {
    params: {
      readonly message_id: string | number;
    };
    data: null;
  };
  /**
   * NapCat; read.
   * Returns: {emojiLikesList: {tinyId: string, nickName: string, headUrl: string}[], cookie: string, isLastPage: boolean, isFirstPage: boolean, result: number, errMsg: string}.
   */
  fetch_emoji_like: {
    params: {
      readonly message_id: string | number;
      readonly emojiId: string | number;
      readonly emojiType: string | number;
      /** Default: 20. */
      readonly count?: string | number;
      /** Default: "". */
      readonly cookie?: string;
    };
    data: {
      readonly emojiLikesList: readonly {
        readonly tinyId: string;
        readonly nickName: string;
        readonly headUrl: string;
      }[];
      readonly cookie: string;
      readonly isLastPage: boolean;
      readonly isFirstPage: boolean;
      readonly result: number;
      readonly errMsg: string;
    };
  };
  /**
   * NapCat; read.
   * Returns: {text: string}.
   */
  fetch_ptt_text: {
    params: {
      readonly message_id: string | number;
    };
    data: { readonly text: string };
  };
  /**
   * NapCat; write, sends a message.
   * Same handler as forward_group_single_msg.
   * The two names share one handler; user_id wins over group_id. No message_id is returned.
   * Returns: null.
   */
  forward_friend_single_msg: {
    params: {
      readonly message_id: string | number;
      readonly group_id?: string | number;
      readonly user_id?: string | number;
    };
    data: null;
  };
  /**
   * NapCat; write, sends a message.
   * Same handler as forward_friend_single_msg.
   * The two names share one handler; user_id wins over group_id. No message_id is returned.
   * Returns: null.
   */
  forward_group_single_msg: {
    params: {
      readonly message_id: string | number;
      readonly group_id?: string | number;
      readonly user_id?: string | number;
    };
    data: null;
  };
  /**
   * NapCat; write.
   * Same handler as send_poke, group_poke.
   * Same handler as send_poke. Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  friend_poke: {
    params: {
      readonly group_id?: string | number;
      readonly user_id: string | number;
      readonly target_id?: string | number;
    };
    data: undefined;
  };
  /**
   * NapCat; read.
   * Returns: {emoji_like_list: {user_id: string, nick_name: string}[]}.
   */
  get_emoji_likes: {
    params: {
      readonly group_id?: string | number;
      readonly message_id: string;
      readonly emoji_id: string;
      readonly emoji_type?: string;
      /** Default: 0. */
      readonly count?: number;
    };
    data: { readonly emoji_like_list: readonly { readonly user_id: string; readonly nick_name: string }[] };
  };
  /**
   * go-cqhttp; read.
   * Returns: {msg_seq: number, msg_random: number, sender_id: number, sender_nick: string, operator_id: number, operator_nick: string, message_id: number, operator_time: number, content: segment[]}[].
   */
  get_essence_msg_list: {
    params: {
      readonly group_id: string | number;
    };
    data: readonly {
      readonly msg_seq: number;
      readonly msg_random: number;
      readonly sender_id: number;
      readonly sender_nick: string;
      readonly operator_id: number;
      readonly operator_nick: string;
      readonly message_id: number;
      readonly operator_time: number;
      readonly content: readonly Segment[];
    }[];
  };
  /**
   * OneBot 11; read.
   * id/message_id numeric = message id in this process; otherwise taken as res_id (works across accounts through the packet backend). Inner forwards cannot be fetched by their own id.
   * Returns: {messages: message-event object[]} - full events, not node segments; nested forwards are already expanded in place.
   */
  get_forward_msg: {
    params: {
      readonly message_id?: string;
      readonly id?: string;
    };
    data: { readonly messages: readonly Readonly<Record<string, unknown>>[] };
  };
  /**
   * NapCat; read.
   * Name is a NapCat extension although tagged Go-CQHTTP. message_seq is a message_id.
   * Returns: {messages: message-event object[]}.
   */
  get_friend_msg_history: {
    params: {
      readonly user_id: string | number;
      readonly message_seq?: string;
      /** Default: 20. */
      readonly count?: number;
      /** Default: false. */
      readonly reverse_order?: boolean;
      /** Default: false. */
      readonly disable_get_url?: boolean;
      /** Default: true. */
      readonly parse_mult_msg?: boolean;
      /** Default: false. */
      readonly quick_reply?: boolean;
      /** Default: false. */
      readonly reverseOrder?: boolean;
    };
    data: { readonly messages: readonly Readonly<Record<string, unknown>>[] };
  };
  /**
   * go-cqhttp; read.
   * message_seq is a message_id (or raw msgId), not real_seq; empty = newest. count default 20. Fetching registers the ids, which makes get_msg/reply/delete_msg usable again after a restart.
   * Returns: {messages: message-event object[]}.
   */
  get_group_msg_history: {
    params: {
      readonly group_id: string | number;
      readonly message_seq?: string;
      /** Default: 20. */
      readonly count?: number;
      /** Default: false. */
      readonly reverse_order?: boolean;
      /** Default: false. */
      readonly disable_get_url?: boolean;
      /** Default: true. */
      readonly parse_mult_msg?: boolean;
      /** Default: false. */
      readonly quick_reply?: boolean;
      /** Default: false. */
      readonly reverseOrder?: boolean;
    };
    data: { readonly messages: readonly Readonly<Record<string, unknown>>[] };
  };
  /**
   * OneBot 11; read.
   * Only ids among the last about 5,000 seen since start; recalled messages fail after baseTimeout.
   * Returns: message object of the event form (self_id, user_id, time, message_id, message_seq, real_id, real_seq: string, message_type, sender, raw_message, font, sub_type, message, message_format, post_type, group_id?, group_name?) plus emoji_likes_list: {emoji_id, emoji_type, likes_cnt: string}[].
   */
  get_msg: {
    params: {
      readonly message_id: string | number;
    };
    data: Readonly<Record<string, unknown>>;
  };
  /**
   * NapCat; read.
   * Returns: {lastestMsg?: message-event object, peerUin: string, remark: string, msgTime: string, chatType: number (1 private, 2 group), msgId: string, sendNickName: string, sendMemberName: string, peerName: string}[] (the field is spelt lastestMsg).
   */
  get_recent_contact: {
    params: {
      /** Default: 10. */
      readonly count?: string | number;
    };
    data: readonly {
      readonly lastestMsg?: Readonly<Record<string, unknown>>;
      readonly peerUin: string;
      readonly remark: string;
      readonly msgTime: string;
      readonly chatType: number;
      readonly msgId: string;
      readonly sendNickName: string;
      readonly sendMemberName: string;
      readonly peerName: string;
    }[];
  };
  /**
   * NapCat; write.
   * Same handler as send_poke, friend_poke.
   * Same handler as send_poke. Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  group_poke: {
    params: {
      readonly group_id?: string | number;
      readonly user_id: string | number;
      readonly target_id?: string | number;
    };
    data: undefined;
  };
  /**
   * NapCat; write.
   * Same handler as mark_msg_as_read, mark_private_msg_as_read.
   * Returns: null.
   */
  mark_group_msg_as_read: {
    params: {
      readonly user_id?: string | number;
      readonly group_id?: string | number;
      readonly message_id?: string;
    };
    data: null;
  };
  /**
   * go-cqhttp; write.
   * Same handler as mark_private_msg_as_read, mark_group_msg_as_read.
   * Any one of message_id, user_id, group_id.
   * Returns: null.
   */
  mark_msg_as_read: {
    params: {
      readonly user_id?: string | number;
      readonly group_id?: string | number;
      readonly message_id?: string;
    };
    data: null;
  };
  /**
   * NapCat; write.
   * Same handler as mark_msg_as_read, mark_group_msg_as_read.
   * Returns: null.
   */
  mark_private_msg_as_read: {
    params: {
      readonly user_id?: string | number;
      readonly group_id?: string | number;
      readonly message_id?: string;
    };
    data: null;
  };
  /**
   * go-cqhttp; write, sends a message.
   * Takes messages (array of node segments) or message; name taken from go-cqhttp code, it is not on the fetched documentation page.
   * Returns: {message_id: number, res_id?: string, forward_id?: string}; res_id/forward_id only for messages made of node segments (forward_id is a copy of res_id).
   */
  send_forward_msg: {
    params: {
      readonly message_type?: 'private' | 'group';
      readonly user_id?: string | number;
      readonly group_id?: string | number;
      /** used before message. */
      readonly messages?: readonly Segment[];
      readonly message?: MessageLike;
      readonly auto_escape?: boolean;
      readonly source?: string;
      readonly news?: readonly { readonly text: string }[];
      readonly summary?: string;
      readonly prompt?: string;
      readonly timeout?: number;
    };
    data: { readonly message_id: number; readonly res_id?: string; readonly forward_id?: string };
  };
  /**
   * go-cqhttp; write, sends a message.
   * Takes messages (array of node segments) or message; nodes may not be mixed with other segments (1400).
   * Returns: {message_id: number, res_id?: string, forward_id?: string}; res_id/forward_id only for messages made of node segments (forward_id is a copy of res_id).
   */
  send_group_forward_msg: {
    params: {
      readonly message_type?: 'private' | 'group';
      readonly user_id?: string | number;
      readonly group_id?: string | number;
      /** used before message. */
      readonly messages?: readonly Segment[];
      readonly message?: MessageLike;
      readonly auto_escape?: boolean;
      readonly source?: string;
      readonly news?: readonly { readonly text: string }[];
      readonly summary?: string;
      readonly prompt?: string;
      readonly timeout?: number;
    };
    data: { readonly message_id: number; readonly res_id?: string; readonly forward_id?: string };
  };
  /**
   * OneBot 11; write, sends a message.
   * user_id is deleted from the payload. Unknown segment types fail the whole call (1200). A reply whose target is unknown, an at without qq, an unknown face id and a failed music signature are silently dropped.
   * Returns: {message_id: number, res_id?: string, forward_id?: string}; res_id/forward_id only for messages made of node segments (forward_id is a copy of res_id).
   */
  send_group_msg: {
    params: {
      readonly group_id: string | number;
      readonly message: MessageLike;
      readonly auto_escape?: boolean;
      readonly source?: string;
      readonly news?: readonly { readonly text: string }[];
      readonly summary?: string;
      readonly prompt?: string;
      readonly timeout?: number;
    };
    data: { readonly message_id: number; readonly res_id?: string; readonly forward_id?: string };
  };
  /**
   * OneBot 11; write, sends a message.
   * group_id wins over user_id when message_type is absent.
   * Returns: {message_id: number, res_id?: string, forward_id?: string}; res_id/forward_id only for messages made of node segments (forward_id is a copy of res_id).
   */
  send_msg: {
    params: {
      readonly message_type?: 'private' | 'group';
      readonly user_id?: string | number;
      readonly group_id?: string | number;
      readonly message: MessageLike;
      readonly auto_escape?: boolean;
      readonly source?: string;
      readonly news?: readonly { readonly text: string }[];
      readonly summary?: string;
      readonly prompt?: string;
      readonly timeout?: number;
    };
    data: { readonly message_id: number; readonly res_id?: string; readonly forward_id?: string };
  };
  /**
   * NapCat; write.
   * Same handler as group_poke, friend_poke.
   * group_id present = group poke. Visible to others; limit it like a message. Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  send_poke: {
    params: {
      readonly group_id?: string | number;
      readonly user_id: string | number;
      readonly target_id?: string | number;
    };
    data: undefined;
  };
  /**
   * go-cqhttp; write, sends a message.
   * Takes messages (array of node segments) or message.
   * Returns: {message_id: number, res_id?: string, forward_id?: string}; res_id/forward_id only for messages made of node segments (forward_id is a copy of res_id).
   */
  send_private_forward_msg: {
    params: {
      readonly message_type?: 'private' | 'group';
      readonly user_id?: string | number;
      readonly group_id?: string | number;
      /** used before message. */
      readonly messages?: readonly Segment[];
      readonly message?: MessageLike;
      readonly auto_escape?: boolean;
      readonly source?: string;
      readonly news?: readonly { readonly text: string }[];
      readonly summary?: string;
      readonly prompt?: string;
      readonly timeout?: number;
    };
    data: { readonly message_id: number; readonly res_id?: string; readonly forward_id?: string };
  };
  /**
   * OneBot 11; write, sends a message.
   * Schema is bypassed for the send family, ids may be numbers or strings. Non-friend targets: with group_id a temporary session through that group is opened. timeout (ms) overrides the computed send timeout.
   * Returns: {message_id: number, res_id?: string, forward_id?: string}; res_id/forward_id only for messages made of node segments (forward_id is a copy of res_id).
   */
  send_private_msg: {
    params: {
      readonly user_id: string | number;
      readonly group_id?: string | number;
      readonly message: MessageLike;
      readonly auto_escape?: boolean;
      readonly source?: string;
      readonly news?: readonly { readonly text: string }[];
      readonly summary?: string;
      readonly prompt?: string;
      readonly timeout?: number;
    };
    data: { readonly message_id: number; readonly res_id?: string; readonly forward_id?: string };
  };
  /**
   * go-cqhttp; write.
   * Returns: raw kernel result (untyped); status ok even when the kernel refused.
   */
  set_essence_msg: {
    params: {
      readonly message_id: string | number;
    };
    data: unknown;
  };
  /**
   * NapCat; write.
   * emoji ids longer than 3 characters are treated as unicode emoji (type 2).
   * Returns: raw QQ kernel result, at least {result: number, errMsg: string}; a non-zero result is still wrapped in status ok.
   */
  set_msg_emoji_like: {
    params: {
      readonly message_id: string | number;
      readonly emoji_id: string | number;
      readonly set?: boolean;
    };
    data: { readonly result: number; readonly errMsg: string };
  };
}

export const MESSAGE_ACTIONS = {
  _mark_all_as_read: { kind: 'write', params: {} },
  '.handle_quick_operation': { kind: 'write', sends: true, params: { context: 'object!', operation: 'object!' } },
  click_inline_keyboard_button: {
    kind: 'write',
    params: { group_id: 'id!', bot_appid: 'text!', button_id: 'text', callback_data: 'text', msg_seq: 'text' },
  },
  delete_essence_msg: {
    kind: 'write',
    params: { message_id: 'scalar', msg_seq: 'text', msg_random: 'text', group_id: 'id' },
  },
  delete_msg: { kind: 'write', params: { message_id: 'scalar!' } },
  fetch_emoji_like: {
    kind: 'read',
    params: { message_id: 'scalar!', emojiId: 'scalar!', emojiType: 'scalar!', count: 'scalar', cookie: 'text' },
  },
  fetch_ptt_text: { kind: 'read', params: { message_id: 'scalar!' } },
  forward_friend_single_msg: {
    kind: 'write',
    sends: true,
    params: { message_id: 'scalar!', group_id: 'id', user_id: 'id' },
  },
  forward_group_single_msg: {
    kind: 'write',
    sends: true,
    params: { message_id: 'scalar!', group_id: 'id', user_id: 'id' },
  },
  friend_poke: { kind: 'write', packet: true, params: { group_id: 'id', user_id: 'id!', target_id: 'id' } },
  get_emoji_likes: {
    kind: 'read',
    params: { group_id: 'id', message_id: 'text!', emoji_id: 'text!', emoji_type: 'text', count: 'number' },
  },
  get_essence_msg_list: { kind: 'read', params: { group_id: 'id!' } },
  get_forward_msg: { kind: 'read', params: { message_id: 'text', id: 'text' } },
  get_friend_msg_history: {
    kind: 'read',
    params: {
      user_id: 'id!',
      message_seq: 'text',
      count: 'number',
      reverse_order: 'flag',
      disable_get_url: 'flag',
      parse_mult_msg: 'flag',
      quick_reply: 'flag',
      reverseOrder: 'flag',
    },
  },
  get_group_msg_history: {
    kind: 'read',
    params: {
      group_id: 'id!',
      message_seq: 'text',
      count: 'number',
      reverse_order: 'flag',
      disable_get_url: 'flag',
      parse_mult_msg: 'flag',
      quick_reply: 'flag',
      reverseOrder: 'flag',
    },
  },
  get_msg: { kind: 'read', params: { message_id: 'scalar!' } },
  get_recent_contact: { kind: 'read', params: { count: 'scalar' } },
  group_poke: { kind: 'write', packet: true, params: { group_id: 'id', user_id: 'id!', target_id: 'id' } },
  mark_group_msg_as_read: { kind: 'write', params: { user_id: 'id', group_id: 'id', message_id: 'text' } },
  mark_msg_as_read: { kind: 'write', params: { user_id: 'id', group_id: 'id', message_id: 'text' } },
  mark_private_msg_as_read: { kind: 'write', params: { user_id: 'id', group_id: 'id', message_id: 'text' } },
  send_forward_msg: {
    kind: 'write',
    sends: true,
    params: {
      message_type: { oneOf: ['private', 'group'], required: false },
      user_id: 'id',
      group_id: 'id',
      messages: 'nodes',
      message: 'message',
      auto_escape: 'flag',
      source: 'text',
      news: 'news',
      summary: 'text',
      prompt: 'text',
      timeout: 'number',
    },
  },
  send_group_forward_msg: {
    kind: 'write',
    sends: true,
    params: {
      message_type: { oneOf: ['private', 'group'], required: false },
      user_id: 'id',
      group_id: 'id',
      messages: 'nodes',
      message: 'message',
      auto_escape: 'flag',
      source: 'text',
      news: 'news',
      summary: 'text',
      prompt: 'text',
      timeout: 'number',
    },
  },
  send_group_msg: {
    kind: 'write',
    sends: true,
    params: {
      group_id: 'id!',
      message: 'message!',
      auto_escape: 'flag',
      source: 'text',
      news: 'news',
      summary: 'text',
      prompt: 'text',
      timeout: 'number',
    },
  },
  send_msg: {
    kind: 'write',
    sends: true,
    params: {
      message_type: { oneOf: ['private', 'group'], required: false },
      user_id: 'id',
      group_id: 'id',
      message: 'message!',
      auto_escape: 'flag',
      source: 'text',
      news: 'news',
      summary: 'text',
      prompt: 'text',
      timeout: 'number',
    },
  },
  send_poke: { kind: 'write', packet: true, params: { group_id: 'id', user_id: 'id!', target_id: 'id' } },
  send_private_forward_msg: {
    kind: 'write',
    sends: true,
    params: {
      message_type: { oneOf: ['private', 'group'], required: false },
      user_id: 'id',
      group_id: 'id',
      messages: 'nodes',
      message: 'message',
      auto_escape: 'flag',
      source: 'text',
      news: 'news',
      summary: 'text',
      prompt: 'text',
      timeout: 'number',
    },
  },
  send_private_msg: {
    kind: 'write',
    sends: true,
    params: {
      user_id: 'id!',
      group_id: 'id',
      message: 'message!',
      auto_escape: 'flag',
      source: 'text',
      news: 'news',
      summary: 'text',
      prompt: 'text',
      timeout: 'number',
    },
  },
  set_essence_msg: { kind: 'write', params: { message_id: 'scalar!' } },
  set_msg_emoji_like: { kind: 'write', params: { message_id: 'scalar!', emoji_id: 'scalar!', set: 'flag' } },
} as const satisfies ActionTable<keyof MessageActions>;
