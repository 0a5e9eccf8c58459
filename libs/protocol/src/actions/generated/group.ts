// Generated from test/fixtures/protocol/actions.json by scripts/generate-protocol.mjs. Do not edit.
import type { ActionTable } from '../action-spec';

export interface GroupActions {
  /**
   * NapCat; write.
   * Returns: raw QQ kernel result, at least {result: number, errMsg: string}; a non-zero result is still wrapped in status ok.
   */
  _del_group_notice: {
    params: {
      readonly group_id: string | number;
      readonly notice_id: string;
    };
    data: { readonly result: number; readonly errMsg: string };
  };
  /**
   * go-cqhttp; read.
   * Returns: {notice_id: string, sender_id: number, publish_time: number, message: {text: string, image: {id, width, height: string}[], images: same}, settings?: object, read_num?: number}[].
   */
  _get_group_notice: {
    params: {
      readonly group_id: string | number;
    };
    data: readonly {
      readonly notice_id: string;
      readonly sender_id: number;
      readonly publish_time: number;
      readonly message: {
        readonly text: string;
        readonly image: readonly { readonly id: unknown; readonly width: unknown; readonly height: string }[];
        readonly images: unknown;
      };
      readonly settings?: Readonly<Record<string, unknown>>;
      readonly read_num?: number;
    }[];
  };
  /**
   * go-cqhttp; write.
   * Posts an announcement: visible to the whole group.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  _send_group_notice: {
    params: {
      readonly group_id: string | number;
      readonly content: string;
      readonly image?: string;
      /** Default: 0. */
      readonly pinned?: string | number;
      /** Default: 1. */
      readonly type?: string | number;
      /** Default: 1. */
      readonly confirm_required?: string | number;
      /** Default: 0. */
      readonly is_show_edit_card?: string | number;
      /** Default: 0. */
      readonly tip_window_type?: string | number;
    };
    data: undefined;
  };
  /**
   * NapCat; write.
   * Returns: raw QQ kernel result, at least {result: number, errMsg: string}; a non-zero result is still wrapped in status ok.
   */
  cancel_group_album_media_like: {
    params: {
      readonly group_id: string | number;
      readonly album_id: string;
      readonly batch_id: string;
      readonly lloc?: string;
    };
    data: { readonly result: number; readonly errMsg: string };
  };
  /**
   * NapCat; write.
   * Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  cancel_group_todo: {
    params: {
      readonly group_id: string | number;
      readonly message_id?: string;
      readonly message_seq?: string;
    };
    data: undefined;
  };
  /**
   * NapCat; write.
   * Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  complete_group_todo: {
    params: {
      readonly group_id: string | number;
      readonly message_id?: string;
      readonly message_seq?: string;
    };
    data: undefined;
  };
  /**
   * NapCat; write.
   * Returns: raw QQ kernel result, at least {result: number, errMsg: string}; a non-zero result is still wrapped in status ok.
   */
  del_group_album_media: {
    params: {
      readonly group_id: string | number;
      readonly album_id: string;
      readonly lloc: string;
    };
    data: { readonly result: number; readonly errMsg: string };
  };
  /**
   * NapCat; write.
   * Returns: raw QQ kernel result, at least {result: number, errMsg: string}; a non-zero result is still wrapped in status ok.
   */
  do_group_album_comment: {
    params: {
      readonly group_id: string | number;
      readonly album_id: string;
      readonly lloc: string;
      readonly content: string;
    };
    data: { readonly result: number; readonly errMsg: string };
  };
  /**
   * NapCat; read.
   * Returns: raw kernel response with media list and paging cursor.
   */
  get_group_album_media_list: {
    params: {
      readonly group_id: string | number;
      readonly album_id: string;
      /** Default: "". */
      readonly attach_info?: string;
    };
    data: unknown;
  };
  /**
   * go-cqhttp; read.
   * Returns: {can_at_all: boolean, remain_at_all_count_for_group: number, remain_at_all_count_for_uin: number}.
   */
  get_group_at_all_remain: {
    params: {
      readonly group_id: string | number;
    };
    data: {
      readonly can_at_all: boolean;
      readonly remain_at_all_count_for_group: number;
      readonly remain_at_all_count_for_uin: number;
    };
  };
  /**
   * NapCat; read.
   * Returns: the Group fields merged with the raw kernel detail record (ownerUin, groupMemo, groupQuestion, groupLevel, ...); group_remark is always empty.
   */
  get_group_detail_info: {
    params: {
      readonly group_id: string | number;
    };
    data: {
      readonly group_id: number;
      readonly group_name: string;
      readonly group_remark: string;
      readonly group_all_shut: 0 | -1;
      readonly member_count?: number;
      readonly max_member_count?: number;
    };
  };
  /**
   * OneBot 11; read.
   * Scraped from a web page; type default all.
   * Returns: {group_id: number, current_talkative: object, talkative_list, performer_list, legend_list, emotion_list, strong_newbie_list: {user_id: string, nickname, avatar, description: string}[]} (strong_newbie_list always empty; current_talkative is the first entry or {}).
   */
  get_group_honor_info: {
    params: {
      readonly group_id: string | number;
      readonly type?: 'all' | 'talkative' | 'performer' | 'legend' | 'strong_newbie' | 'emotion';
    };
    data: {
      readonly group_id: number;
      readonly current_talkative: Readonly<Record<string, unknown>>;
      readonly talkative_list: unknown;
      readonly performer_list: unknown;
      readonly legend_list: unknown;
      readonly emotion_list: unknown;
      readonly strong_newbie_list: readonly {
        readonly user_id: string;
        readonly nickname: unknown;
        readonly avatar: unknown;
        readonly description: string;
      }[];
    };
  };
  /**
   * NapCat; read.
   * Returns: {request_id: number, invitor_uin: number, invitor_nick: string, group_id: number, group_name: string, message: string, checked: boolean, actor: number, requester_nick: string}[].
   */
  get_group_ignore_add_request: {
    params: Readonly<Record<string, never>>;
    data: readonly {
      readonly request_id: number;
      readonly invitor_uin: number;
      readonly invitor_nick: string;
      readonly group_id: number;
      readonly group_name: string;
      readonly message: string;
      readonly checked: boolean;
      readonly actor: number;
      readonly requester_nick: string;
    }[];
  };
  /**
   * NapCat; read.
   * Returns: {invited_requests, InvitedRequest, join_requests} in the form of get_group_system_msg.
   */
  get_group_ignored_notifies: {
    params: Readonly<Record<string, never>>;
    data: GroupActions['get_group_system_msg']['data'];
  };
  /**
   * OneBot 11; read.
   * no_cache is ignored.
   * Returns: Group{group_id: number, group_name: string, group_remark: string, group_all_shut: 0|-1, member_count?: number, max_member_count?: number} for joined groups; for groups the account is not in: the same six fields merged with the raw kernel detail record.
   */
  get_group_info: {
    params: {
      readonly group_id: string | number;
    };
    data: {
      readonly group_id: number;
      readonly group_name: string;
      readonly group_remark: string;
      readonly group_all_shut: 0 | -1;
      readonly member_count?: number;
      readonly max_member_count?: number;
    };
  };
  /**
   * NapCat; read.
   * Returns: raw kernel record {groupCode: string, resultCode: number, extInfo: object} or undefined.
   */
  get_group_info_ex: {
    params: {
      readonly group_id: string | number;
    };
    data:
      | { readonly groupCode: string; readonly resultCode: number; readonly extInfo: Readonly<Record<string, unknown>> }
      | undefined;
  };
  /**
   * OneBot 11; read.
   * Returns: Group{group_id: number, group_name: string, group_remark: string, group_all_shut: 0|-1, member_count?: number, max_member_count?: number}[].
   */
  get_group_list: {
    params: {
      readonly no_cache?: boolean;
    };
    data: readonly {
      readonly group_id: number;
      readonly group_name: string;
      readonly group_remark: string;
      readonly group_all_shut: 0 | -1;
      readonly member_count?: number;
      readonly max_member_count?: number;
    }[];
  };
  /**
   * OneBot 11; read.
   * DIFFERS: no_cache defaults to true (standard false).
   * Returns: GroupMember{group_id: number, user_id: number, nickname: string, card?: string, sex, age: number, area: "", level: string, qq_level: number, role?: "owner"|"admin"|"member", title: string, title_expire_time: 0, join_time: number, last_sent_time: number, shut_up_timestamp: number, unfriendly: false, card_changeable: true, is_robot: boolean}.
   */
  get_group_member_info: {
    params: {
      readonly group_id: string | number;
      readonly user_id: string | number;
      readonly no_cache?: boolean;
    };
    data: {
      readonly group_id: number;
      readonly user_id: number;
      readonly nickname: string;
      readonly card?: string;
      readonly sex: unknown;
      readonly age: number;
      readonly area: string;
      readonly level: string;
      readonly qq_level: number;
      readonly role?: 'owner' | 'admin' | 'member';
      readonly title: string;
      readonly title_expire_time: number;
      readonly join_time: number;
      readonly last_sent_time: number;
      readonly shut_up_timestamp: number;
      readonly unfriendly: boolean;
      readonly card_changeable: boolean;
      readonly is_robot: boolean;
    };
  };
  /**
   * OneBot 11; read.
   * no_cache defaults to false; even with no_cache the cached list is returned when one exists while a refresh runs.
   * Returns: GroupMember{group_id: number, user_id: number, nickname: string, card?: string, sex, age: number, area: "", level: string, qq_level: number, role?: "owner"|"admin"|"member", title: string, title_expire_time: 0, join_time: number, last_sent_time: number, shut_up_timestamp: number, unfriendly: false, card_changeable: true, is_robot: boolean}[] (age, level, qq_level may be 0 because list entries carry no profile detail).
   */
  get_group_member_list: {
    params: {
      readonly group_id: string | number;
      readonly no_cache?: boolean;
    };
    data: readonly {
      readonly group_id: number;
      readonly user_id: number;
      readonly nickname: string;
      readonly card?: string;
      readonly sex: unknown;
      readonly age: number;
      readonly area: string;
      readonly level: string;
      readonly qq_level: number;
      readonly role?: 'owner' | 'admin' | 'member';
      readonly title: string;
      readonly title_expire_time: number;
      readonly join_time: number;
      readonly last_sent_time: number;
      readonly shut_up_timestamp: number;
      readonly unfriendly: boolean;
      readonly card_changeable: boolean;
      readonly is_robot: boolean;
    }[];
  };
  /**
   * NapCat; read.
   * Returns: raw kernel member records {uid: string, uin: string, nick: string, cardName: string, role: number, shutUpTime: number, isRobot: boolean, ...}[]; [] on any failure or after 1 s.
   */
  get_group_shut_list: {
    params: {
      readonly group_id: string | number;
    };
    data: readonly ({
      readonly uid: string;
      readonly uin: string;
      readonly nick: string;
      readonly cardName: string;
      readonly role: number;
      readonly shutUpTime: number;
      readonly isRobot: boolean;
    } & Readonly<Record<string, unknown>>)[];
  };
  /**
   * NapCat; read.
   * Returns: {user_id: number, nick: string, time: number, rank: number}[].
   */
  get_group_signed_list: {
    params: {
      readonly group_id: string | number;
    };
    data: readonly { readonly user_id: number; readonly nick: string; readonly time: number; readonly rank: number }[];
  };
  /**
   * go-cqhttp; read.
   * request_id equals the flag of the event.
   * Returns: {invited_requests: {request_id: number, invitor_uin: number, invitor_nick: string, group_id: number, group_name: string, message: string, checked: boolean, actor: number, requester_nick: string}[], InvitedRequest: same array again, join_requests: same form[]}.
   */
  get_group_system_msg: {
    params: {
      /** Default: 50. */
      readonly count?: string | number;
    };
    data: {
      readonly invited_requests: readonly {
        readonly request_id: number;
        readonly invitor_uin: number;
        readonly invitor_nick: string;
        readonly group_id: number;
        readonly group_name: string;
        readonly message: string;
        readonly checked: boolean;
        readonly actor: number;
        readonly requester_nick: string;
      }[];
      readonly InvitedRequest: unknown;
      readonly join_requests: readonly unknown[];
    };
  };
  /**
   * NapCat; read.
   * Returns: {album_list: object[], attach_info: string, has_more: boolean}.
   */
  get_qun_album_list: {
    params: {
      readonly group_id: string | number;
      /** Default: "". */
      readonly attach_info?: string;
    };
    data: {
      readonly album_list: readonly Readonly<Record<string, unknown>>[];
      readonly attach_info: string;
      readonly has_more: boolean;
    };
  };
  /**
   * go-cqhttp; write.
   * Same handler as set_group_sign.
   * Visible to the group. Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  send_group_sign: {
    params: {
      readonly group_id: string | number;
    };
    data: undefined;
  };
  /**
   * NapCat; write.
   * Returns: null.
   */
  set_group_add_option: {
    params: {
      readonly group_id: string | number;
      readonly add_type: number;
      readonly group_question?: string;
      readonly group_answer?: string;
    };
    data: null;
  };
  /**
   * OneBot 11; write.
   * sub_type/type are not needed. flag looked up in the newest count (default 100) notifications; "No such request" if gone. approve defaults to true.
   * Returns: null.
   */
  set_group_add_request: {
    params: {
      readonly flag: string;
      readonly approve?: boolean;
      readonly reason?: string | null;
      /** Default: 100. */
      readonly count?: number;
    };
    data: null;
  };
  /**
   * OneBot 11; write.
   * DIFFERS: enable omitted means false, which REMOVES the admin (standard default true). Result unchecked.
   * `enable` must be given here.
   * Returns: null.
   */
  set_group_admin: {
    params: {
      readonly group_id: string | number;
      readonly user_id: string | number;
      readonly enable: boolean;
    };
    data: null;
  };
  /**
   * NapCat; write.
   * Returns: raw QQ kernel result, at least {result: number, errMsg: string}; a non-zero result is still wrapped in status ok.
   */
  set_group_album_media_like: {
    params: {
      readonly group_id: string | number;
      readonly album_id: string;
      readonly batch_id: string;
      readonly lloc?: string;
    };
    data: { readonly result: number; readonly errMsg: string };
  };
  /**
   * OneBot 11; write.
   * DIFFERS: duration defaults to 0, which lifts the ban (standard default 1800). Checks roles first; errors: user not in group, cannot ban owner, cannot ban admin.
   * `duration` must be given here.
   * Returns: null.
   */
  set_group_ban: {
    params: {
      readonly group_id: string | number;
      readonly user_id: string | number;
      readonly duration: string | number;
    };
    data: null;
  };
  /**
   * OneBot 11; write.
   * Polls up to 3 s and fails with 1200 if the card did not change.
   * Returns: null.
   */
  set_group_card: {
    params: {
      readonly group_id: string | number;
      readonly user_id: string | number;
      readonly card?: string;
    };
    data: null;
  };
  /**
   * OneBot 11; write.
   * Kernel result is not checked: status ok even without permission.
   * Returns: null.
   */
  set_group_kick: {
    params: {
      readonly group_id: string | number;
      readonly user_id: string | number;
      readonly reject_add_request?: boolean;
    };
    data: null;
  };
  /**
   * NapCat; write.
   * user_id is an array; result unchecked.
   * Returns: null.
   */
  set_group_kick_members: {
    params: {
      readonly group_id: string | number;
      readonly user_id: readonly (string | number)[];
      readonly reject_add_request?: boolean;
    };
    data: null;
  };
  /**
   * OneBot 11; write.
   * is_dismiss is accepted and ignored.
   * Returns: null.
   */
  set_group_leave: {
    params: {
      readonly group_id: string | number;
      readonly is_dismiss?: boolean;
    };
    data: null;
  };
  /**
   * NapCat; write.
   * Returns: null.
   */
  set_group_member_invite_policy: {
    params: {
      readonly group_id: string | number;
      readonly policy: 'disabled' | 'require_approval' | 'no_approval' | 'no_approval_under_100';
    };
    data: null;
  };
  /**
   * NapCat; write.
   * Returns: null.
   */
  set_group_member_permissions: {
    params: {
      readonly group_id: string | number;
      readonly allow_member_upload_album?: boolean;
      readonly allow_member_temporary_session?: boolean;
      readonly allow_member_create_group?: boolean;
    };
    data: null;
  };
  /**
   * OneBot 11; write.
   * Returns: null.
   */
  set_group_name: {
    params: {
      readonly group_id: string | number;
      readonly group_name: string;
    };
    data: null;
  };
  /**
   * NapCat; write.
   * Returns: null.
   */
  set_group_new_member_history_visibility: {
    params: {
      readonly group_id: string | number;
      readonly visible: boolean;
    };
    data: null;
  };
  /**
   * go-cqhttp; write.
   * Returns: {result: number, errMsg: string}.
   */
  set_group_portrait: {
    params: {
      readonly file: string;
      readonly group_id: string | number;
    };
    data: { readonly result: number; readonly errMsg: string };
  };
  /**
   * NapCat; write.
   * Returns: null.
   */
  set_group_remark: {
    params: {
      readonly group_id: string | number;
      readonly remark: string;
    };
    data: null;
  };
  /**
   * NapCat; write.
   * Returns: null.
   */
  set_group_robot_add_option: {
    params: {
      readonly group_id: string | number;
      readonly robot_member_switch?: number;
      readonly robot_member_examine?: number;
    };
    data: null;
  };
  /**
   * NapCat; write.
   * Returns: null.
   */
  set_group_search: {
    params: {
      readonly group_id: string | number;
      readonly no_code_finger_open?: number;
      readonly no_finger_open?: number;
    };
    data: null;
  };
  /**
   * NapCat; write.
   * Same handler as send_group_sign.
   * Visible to the group. Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  set_group_sign: {
    params: {
      readonly group_id: string | number;
    };
    data: undefined;
  };
  /**
   * OneBot 11; write.
   * Needs the packet backend; duration of the standard is not accepted (ignored). Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  set_group_special_title: {
    params: {
      readonly group_id: string | number;
      readonly user_id: string | number;
      /** Default: "". */
      readonly special_title?: string;
    };
    data: undefined;
  };
  /**
   * NapCat; write.
   * Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  set_group_todo: {
    params: {
      readonly group_id: string | number;
      readonly message_id?: string;
      readonly message_seq?: string;
    };
    data: undefined;
  };
  /**
   * OneBot 11; write.
   * enable defaults to true.
   * Returns: null.
   */
  set_group_whole_ban: {
    params: {
      readonly group_id: string | number;
      readonly enable?: boolean;
    };
    data: null;
  };
  /**
   * NapCat; write.
   * Returns: undefined/raw.
   */
  upload_image_to_qun_album: {
    params: {
      readonly group_id: string | number;
      readonly album_id: string;
      readonly album_name: string;
      readonly file: string;
    };
    data: undefined;
  };
}

export const GROUP_ACTIONS = {
  _del_group_notice: { kind: 'write', params: { group_id: 'id!', notice_id: 'text!' } },
  _get_group_notice: { kind: 'read', params: { group_id: 'id!' } },
  _send_group_notice: {
    kind: 'write',
    params: {
      group_id: 'id!',
      content: 'text!',
      image: 'media',
      pinned: 'scalar',
      type: 'scalar',
      confirm_required: 'scalar',
      is_show_edit_card: 'scalar',
      tip_window_type: 'scalar',
    },
  },
  cancel_group_album_media_like: {
    kind: 'write',
    params: { group_id: 'id!', album_id: 'text!', batch_id: 'text!', lloc: 'text' },
  },
  cancel_group_todo: {
    kind: 'write',
    packet: true,
    params: { group_id: 'id!', message_id: 'text', message_seq: 'text' },
  },
  complete_group_todo: {
    kind: 'write',
    packet: true,
    params: { group_id: 'id!', message_id: 'text', message_seq: 'text' },
  },
  del_group_album_media: { kind: 'write', params: { group_id: 'id!', album_id: 'text!', lloc: 'text!' } },
  do_group_album_comment: {
    kind: 'write',
    params: { group_id: 'id!', album_id: 'text!', lloc: 'text!', content: 'text!' },
  },
  get_group_album_media_list: { kind: 'read', params: { group_id: 'id!', album_id: 'text!', attach_info: 'text' } },
  get_group_at_all_remain: { kind: 'read', params: { group_id: 'id!' } },
  get_group_detail_info: { kind: 'read', params: { group_id: 'id!' } },
  get_group_honor_info: {
    kind: 'read',
    params: {
      group_id: 'id!',
      type: { oneOf: ['all', 'talkative', 'performer', 'legend', 'strong_newbie', 'emotion'], required: false },
    },
  },
  get_group_ignore_add_request: { kind: 'read', params: {} },
  get_group_ignored_notifies: { kind: 'read', params: {} },
  get_group_info: { kind: 'read', params: { group_id: 'id!' } },
  get_group_info_ex: { kind: 'read', params: { group_id: 'id!' } },
  get_group_list: { kind: 'read', params: { no_cache: 'flag' } },
  get_group_member_info: { kind: 'read', params: { group_id: 'id!', user_id: 'id!', no_cache: 'flag' } },
  get_group_member_list: { kind: 'read', params: { group_id: 'id!', no_cache: 'flag' } },
  get_group_shut_list: { kind: 'read', params: { group_id: 'id!' } },
  get_group_signed_list: { kind: 'read', params: { group_id: 'id!' } },
  get_group_system_msg: { kind: 'read', params: { count: 'scalar' } },
  get_qun_album_list: { kind: 'read', params: { group_id: 'id!', attach_info: 'text' } },
  send_group_sign: { kind: 'write', packet: true, params: { group_id: 'id!' } },
  set_group_add_option: {
    kind: 'write',
    params: { group_id: 'id!', add_type: 'number!', group_question: 'text', group_answer: 'text' },
  },
  set_group_add_request: {
    kind: 'write',
    params: { flag: 'text!', approve: 'flag', reason: 'textOrNull', count: 'number' },
  },
  set_group_admin: { kind: 'write', params: { group_id: 'id!', user_id: 'id!', enable: 'flag!' } },
  set_group_album_media_like: {
    kind: 'write',
    params: { group_id: 'id!', album_id: 'text!', batch_id: 'text!', lloc: 'text' },
  },
  set_group_ban: { kind: 'write', params: { group_id: 'id!', user_id: 'id!', duration: 'scalar!' } },
  set_group_card: { kind: 'write', params: { group_id: 'id!', user_id: 'id!', card: 'text' } },
  set_group_kick: { kind: 'write', params: { group_id: 'id!', user_id: 'id!', reject_add_request: 'flag' } },
  set_group_kick_members: { kind: 'write', params: { group_id: 'id!', user_id: 'ids!', reject_add_request: 'flag' } },
  set_group_leave: { kind: 'write', params: { group_id: 'id!', is_dismiss: 'flag' } },
  set_group_member_invite_policy: {
    kind: 'write',
    params: {
      group_id: 'id!',
      policy: { oneOf: ['disabled', 'require_approval', 'no_approval', 'no_approval_under_100'], required: true },
    },
  },
  set_group_member_permissions: {
    kind: 'write',
    params: {
      group_id: 'id!',
      allow_member_upload_album: 'flag',
      allow_member_temporary_session: 'flag',
      allow_member_create_group: 'flag',
    },
  },
  set_group_name: { kind: 'write', params: { group_id: 'id!', group_name: 'text!' } },
  set_group_new_member_history_visibility: { kind: 'write', params: { group_id: 'id!', visible: 'flag!' } },
  set_group_portrait: { kind: 'write', params: { file: 'media!', group_id: 'id!' } },
  set_group_remark: { kind: 'write', params: { group_id: 'id!', remark: 'text!' } },
  set_group_robot_add_option: {
    kind: 'write',
    params: { group_id: 'id!', robot_member_switch: 'number', robot_member_examine: 'number' },
  },
  set_group_search: {
    kind: 'write',
    params: { group_id: 'id!', no_code_finger_open: 'number', no_finger_open: 'number' },
  },
  set_group_sign: { kind: 'write', packet: true, params: { group_id: 'id!' } },
  set_group_special_title: {
    kind: 'write',
    packet: true,
    params: { group_id: 'id!', user_id: 'id!', special_title: 'text' },
  },
  set_group_todo: { kind: 'write', packet: true, params: { group_id: 'id!', message_id: 'text', message_seq: 'text' } },
  set_group_whole_ban: { kind: 'write', params: { group_id: 'id!', enable: 'flag' } },
  upload_image_to_qun_album: {
    kind: 'write',
    params: { group_id: 'id!', album_id: 'text!', album_name: 'text!', file: 'media!' },
  },
} as const satisfies ActionTable<keyof GroupActions>;
