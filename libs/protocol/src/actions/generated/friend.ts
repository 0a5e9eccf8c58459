// Generated from test/fixtures/protocol/actions.json by scripts/generate-protocol.mjs. Do not edit.
import type { ActionTable } from '../action-spec';

export interface FriendActions {
  /**
   * go-cqhttp; write.
   * Returns: raw QQ kernel result, at least {result: number, errMsg: string}; a non-zero result is still wrapped in status ok; when the target is unknown or no friend: {valid: false, message: string} with status ok.
   */
  delete_friend: {
    params: {
      readonly friend_id?: string | number;
      readonly user_id?: string | number;
      readonly temp_block?: boolean;
      readonly temp_both_del?: boolean;
    };
    data: { readonly result: number; readonly errMsg: string };
  };
  /**
   * NapCat; read.
   * Returns: {flag: string (a uid), uin: string, nick: string, source: string, reason: string, msg: string, group_code: string, time: string, type: "doubt"}[].
   */
  get_doubt_friends_add_request: {
    params: {
      /** Default: 50. */
      readonly count?: number;
    };
    data: readonly {
      readonly flag: string;
      readonly uin: string;
      readonly nick: string;
      readonly source: string;
      readonly reason: string;
      readonly msg: string;
      readonly group_code: string;
      readonly time: string;
      readonly type: string;
    }[];
  };
  /**
   * OneBot 11; read.
   * Fetches profile detail for every friend: slow on large lists.
   * Returns: User{user_id: number, nickname: string, remark?: string, sex?: "male"|"female"|"unknown", age?: number, level?: number, birthday_year?/birthday_month?/birthday_day?: number, phone_num?: string, email?: string, category_id?: number}[].
   */
  get_friend_list: {
    params: {
      readonly no_cache?: boolean;
    };
    data: readonly {
      readonly user_id: number;
      readonly nickname: string;
      readonly remark?: string;
      readonly sex?: 'male' | 'female' | 'unknown';
      readonly age?: number;
      readonly level?: number;
      readonly birthday_year?: number;
      readonly birthday_month?: number;
      readonly birthday_day?: number;
      readonly phone_num?: string;
      readonly email?: string;
      readonly category_id?: number;
    }[];
  };
  /**
   * NapCat; read.
   * Returns: {categoryId: number, categoryName: string, categoryMbCount: number, buddyList: User[], ...raw}[].
   */
  get_friends_with_category: {
    params: Readonly<Record<string, never>>;
    data: readonly ({
      readonly categoryId: number;
      readonly categoryName: string;
      readonly categoryMbCount: number;
      readonly buddyList: readonly {
        readonly user_id: number;
        readonly nickname: string;
        readonly remark?: string;
        readonly sex?: 'male' | 'female' | 'unknown';
        readonly age?: number;
        readonly level?: number;
        readonly birthday_year?: number;
        readonly birthday_month?: number;
        readonly birthday_day?: number;
        readonly phone_num?: string;
        readonly email?: string;
        readonly category_id?: number;
      }[];
    } & Readonly<Record<string, unknown>>)[];
  };
  /**
   * NapCat; read.
   * Returns: {uid: string, time: string, favoriteInfo: {userInfos: [], total_count, last_time, today_count}, voteInfo: {total_count, new_count, new_nearby_count, last_visit_time, userInfos: []}}.
   */
  get_profile_like: {
    params: {
      readonly user_id?: string | number;
      /** Default: 0. */
      readonly start?: string | number;
      /** Default: 10. */
      readonly count?: string | number;
    };
    data: {
      readonly uid: string;
      readonly time: string;
      readonly favoriteInfo: {
        readonly userInfos: readonly unknown[];
        readonly total_count: unknown;
        readonly last_time: unknown;
        readonly today_count: unknown;
      };
      readonly voteInfo: {
        readonly total_count: unknown;
        readonly new_count: unknown;
        readonly new_nearby_count: unknown;
        readonly last_visit_time: unknown;
        readonly userInfos: readonly unknown[];
      };
    };
  };
  /**
   * OneBot 11; read.
   * no_cache default false.
   * Returns: {user_id: number, uid: string, nickname: string, age: number, qid: string, qqLevel: number, sex: string, long_nick: string, reg_time: number, is_vip, is_years_vip: boolean, vip_level: number, remark: string, status: number, login_days: 0} merged with raw kernel fields.
   */
  get_stranger_info: {
    params: {
      readonly user_id: string | number;
      /** Default: false. */
      readonly no_cache?: boolean;
    };
    data: {
      readonly user_id: number;
      readonly uid: string;
      readonly nickname: string;
      readonly age: number;
      readonly qid: string;
      readonly qqLevel: number;
      readonly sex: string;
      readonly long_nick: string;
      readonly reg_time: number;
      readonly is_vip: unknown;
      readonly is_years_vip: boolean;
      readonly vip_level: number;
      readonly remark: string;
      readonly status: number;
      readonly login_days: number;
    };
  };
  /**
   * go-cqhttp; read.
   * Uses the packet backend without checking it first.
   * Returns: {uin: number, uid: string, nick_name: string, age: number, source: string}[].
   */
  get_unidirectional_friend_list: {
    params: Readonly<Record<string, never>>;
    data: readonly {
      readonly uin: number;
      readonly uid: string;
      readonly nick_name: string;
      readonly age: number;
      readonly source: string;
    }[];
  };
  /**
   * NapCat; read.
   * Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: {status: number, ext_status: number}.
   */
  nc_get_user_status: {
    params: {
      readonly user_id: string | number;
    };
    data: { readonly status: number; readonly ext_status: number };
  };
  /**
   * OneBot 11; write.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  send_like: {
    params: {
      readonly user_id: string | number;
      /** Default: 1. */
      readonly times?: string | number;
    };
    data: undefined;
  };
  /**
   * NapCat; write.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  set_doubt_friends_add_request: {
    params: {
      readonly flag: string;
      /** Default: true. */
      readonly approve?: boolean;
    };
    data: undefined;
  };
  /**
   * OneBot 11; write.
   * flag is the request time; approve defaults to true; result unchecked.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  set_friend_add_request: {
    params: {
      readonly flag: string;
      readonly approve?: boolean;
      readonly remark?: string;
    };
    data: undefined;
  };
  /**
   * NapCat; write.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  set_friend_remark: {
    params: {
      readonly user_id: string | number;
      readonly remark: string;
    };
    data: undefined;
  };
  /**
   * NapCat; write.
   * Returns: raw QQ kernel result, at least {result: number, errMsg: string}; a non-zero result is still wrapped in status ok.
   */
  set_input_status: {
    params: {
      readonly user_id: string | number;
      readonly event_type: number;
    };
    data: { readonly result: number; readonly errMsg: string };
  };
}

export const FRIEND_ACTIONS = {
  delete_friend: {
    kind: 'write',
    params: { friend_id: 'id', user_id: 'id', temp_block: 'flag', temp_both_del: 'flag' },
  },
  get_doubt_friends_add_request: { kind: 'read', params: { count: 'number' } },
  get_friend_list: { kind: 'read', params: { no_cache: 'flag' } },
  get_friends_with_category: { kind: 'read', params: {} },
  get_profile_like: { kind: 'read', params: { user_id: 'id', start: 'scalar', count: 'scalar' } },
  get_stranger_info: { kind: 'read', params: { user_id: 'id!', no_cache: 'flag' } },
  get_unidirectional_friend_list: { kind: 'read', params: {} },
  nc_get_user_status: { kind: 'read', packet: true, params: { user_id: 'id!' } },
  send_like: { kind: 'write', params: { user_id: 'id!', times: 'scalar' } },
  set_doubt_friends_add_request: { kind: 'write', params: { flag: 'text!', approve: 'flag' } },
  set_friend_add_request: { kind: 'write', params: { flag: 'text!', approve: 'flag', remark: 'text' } },
  set_friend_remark: { kind: 'write', params: { user_id: 'id!', remark: 'text!' } },
  set_input_status: { kind: 'write', params: { user_id: 'id!', event_type: 'number!' } },
} as const satisfies ActionTable<keyof FriendActions>;
