// Generated from test/fixtures/protocol/actions.json by scripts/generate-protocol.mjs. Do not edit.
import type { ActionTable } from '../action-spec';

export interface AccountActions {
  /**
   * go-cqhttp; read.
   * Returns: [{variants: {model_show: "napcat", need_pay: false}}] constant.
   */
  _get_model_show: {
    params: {
      readonly model?: string;
    };
    data: readonly { readonly variants: { readonly model_show: string; readonly need_pay: boolean } }[];
  };
  /**
   * go-cqhttp; write.
   * No operation.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  _set_model_show: {
    params: Readonly<Record<string, never>>;
    data: undefined;
  };
  /**
   * NapCat; write.
   * Returns: raw QQ kernel result, at least {result: number, errMsg: string}; a non-zero result is still wrapped in status ok.
   */
  add_custom_face: {
    params: {
      readonly file: string;
      readonly emoji_id?: string | number;
      readonly package_id?: string | number;
      readonly file_name?: string;
      readonly file_size?: string | number;
      readonly md5?: string;
      readonly is_mark_face?: boolean;
      readonly is_origin?: boolean;
    };
    data: { readonly result: number; readonly errMsg: string };
  };
  /**
   * NapCat; write.
   * Returns: raw QQ kernel result, at least {result: number, errMsg: string}; a non-zero result is still wrapped in status ok.
   */
  create_collection: {
    params: {
      readonly rawData: string;
      readonly brief: string;
    };
    data: { readonly result: number; readonly errMsg: string };
  };
  /**
   * NapCat; write.
   * Returns: raw QQ kernel result, at least {result: number, errMsg: string}; a non-zero result is still wrapped in status ok.
   */
  delete_custom_face: {
    params: {
      readonly res_id?: string | readonly (string | number)[];
      readonly id?: string | readonly (string | number)[];
      readonly ids?: string | readonly (string | number)[];
      readonly md5?: string | readonly (string | number)[];
    };
    data: { readonly result: number; readonly errMsg: string };
  };
  /**
   * NapCat; write.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  delete_qzone_msg: {
    params: {
      readonly tid: string;
    };
    data: undefined;
  };
  /**
   * NapCat; read.
   * Returns: string[].
   */
  fetch_custom_face: {
    params: {
      /** Default: 48. */
      readonly count?: string | number;
    };
    data: readonly string[];
  };
  /**
   * NapCat; read.
   * Returns: raw records (resId, md5, url, desc ...)[].
   */
  fetch_custom_face_detail: {
    params: {
      /** Default: 48. */
      readonly count?: string | number;
    };
    data: readonly unknown[];
  };
  /**
   * NapCat; read.
   * Returns a login credential: do not expose to plugins.
   * Returns: {clientkey?: string}.
   */
  get_clientkey: {
    params: Readonly<Record<string, never>>;
    data: { readonly clientkey?: string };
  };
  /**
   * NapCat; read.
   * Returns: {errCode: number, errMsg: string, collectionSearchList: {collectionItemList: object[], hasMore: boolean, bottomTimeStamp: string}}.
   */
  get_collection_list: {
    params: {
      readonly category: string;
      /** Default: "50". */
      readonly count?: string;
    };
    data: {
      readonly errCode: number;
      readonly errMsg: string;
      readonly collectionSearchList: {
        readonly collectionItemList: readonly Readonly<Record<string, unknown>>[];
        readonly hasMore: boolean;
        readonly bottomTimeStamp: string;
      };
    };
  };
  /**
   * OneBot 11; read.
   * domain is required here (optional in the standard).
   * Returns: {cookies: string, bkn: string}.
   */
  get_cookies: {
    params: {
      readonly domain: string;
    };
    data: { readonly cookies: string; readonly bkn: string };
  };
  /**
   * OneBot 11; read.
   * domain is required here.
   * Returns: {cookies: string, token: number}.
   */
  get_credentials: {
    params: {
      readonly domain: string;
    };
    data: { readonly cookies: string; readonly token: number };
  };
  /**
   * OneBot 11; read.
   * Returns: {token: number}.
   */
  get_csrf_token: {
    params: Readonly<Record<string, never>>;
    data: { readonly token: number };
  };
  /**
   * OneBot 11; read.
   * Returns: {user_id: number, nickname: string}.
   */
  get_login_info: {
    params: Readonly<Record<string, never>>;
    data: { readonly user_id: number; readonly nickname: string };
  };
  /**
   * go-cqhttp; read.
   * Always empty after 0.5 s.
   * Returns: [] always.
   */
  get_online_clients: {
    params: Readonly<Record<string, never>>;
    data: readonly [];
  };
  /**
   * NapCat; write.
   * Returns: {tid: string}.
   */
  send_qzone_msg: {
    params: {
      readonly content: string;
      readonly images?: string | readonly string[];
      /** Default: 1. */
      readonly ugc_right?: string | number;
      readonly target_uins?: string | readonly (string | number)[];
    };
    data: { readonly tid: string };
  };
  /**
   * NapCat; write.
   * Returns: raw QQ kernel result, at least {result: number, errMsg: string}; a non-zero result is still wrapped in status ok.
   */
  set_custom_face_desc: {
    params: {
      readonly emoji_id: string | number;
      readonly res_id: string;
      readonly md5: string;
      readonly desc: string;
    };
    data: { readonly result: number; readonly errMsg: string };
  };
  /**
   * NapCat; write.
   * Returns: string (kernel errMsg).
   */
  set_diy_online_status: {
    params: {
      readonly face_id: string | number;
      /** Default: "1". */
      readonly face_type?: string | number;
      /** Default: " ". */
      readonly wording?: string;
    };
    data: string;
  };
  /**
   * NapCat; write.
   * status/ext_status/battery_status triples as the QQ client uses them.
   * Returns: null.
   */
  set_online_status: {
    params: {
      readonly status: string | number;
      readonly ext_status: string | number;
      readonly battery_status: string | number;
    };
    data: null;
  };
  /**
   * NapCat; write.
   * Returns: null.
   */
  set_qq_avatar: {
    params: {
      readonly file: string;
    };
    data: null;
  };
  /**
   * go-cqhttp; write.
   * Returns: raw QQ kernel result, at least {result: number, errMsg: string}; a non-zero result is still wrapped in status ok.
   */
  set_qq_profile: {
    params: {
      readonly nickname: string;
      readonly personal_note?: string;
      readonly sex?: string | number;
    };
    data: { readonly result: number; readonly errMsg: string };
  };
  /**
   * NapCat; write.
   * Returns: raw QQ kernel result, at least {result: number, errMsg: string}; a non-zero result is still wrapped in status ok.
   */
  set_self_longnick: {
    params: {
      readonly longNick: string;
    };
    data: { readonly result: number; readonly errMsg: string };
  };
}

export const ACCOUNT_ACTIONS = {
  _get_model_show: { kind: 'read', params: { model: 'text' } },
  _set_model_show: { kind: 'write', params: {} },
  add_custom_face: {
    kind: 'write',
    params: {
      file: 'media!',
      emoji_id: 'scalar',
      package_id: 'scalar',
      file_name: 'text',
      file_size: 'scalar',
      md5: 'text',
      is_mark_face: 'flag',
      is_origin: 'flag',
    },
  },
  create_collection: { kind: 'write', params: { rawData: 'text!', brief: 'text!' } },
  delete_custom_face: { kind: 'write', params: { res_id: 'list', id: 'list', ids: 'list', md5: 'list' } },
  delete_qzone_msg: { kind: 'write', params: { tid: 'text!' } },
  fetch_custom_face: { kind: 'read', params: { count: 'scalar' } },
  fetch_custom_face_detail: { kind: 'read', params: { count: 'scalar' } },
  get_clientkey: { kind: 'read', params: {} },
  get_collection_list: { kind: 'read', params: { category: 'text!', count: 'text' } },
  get_cookies: { kind: 'read', params: { domain: 'text!' } },
  get_credentials: { kind: 'read', params: { domain: 'text!' } },
  get_csrf_token: { kind: 'read', params: {} },
  get_login_info: { kind: 'read', params: {} },
  get_online_clients: { kind: 'read', params: {} },
  send_qzone_msg: {
    kind: 'write',
    params: { content: 'text!', images: 'mediaList', ugc_right: 'scalar', target_uins: 'list' },
  },
  set_custom_face_desc: {
    kind: 'write',
    params: { emoji_id: 'scalar!', res_id: 'text!', md5: 'text!', desc: 'text!' },
  },
  set_diy_online_status: { kind: 'write', params: { face_id: 'scalar!', face_type: 'scalar', wording: 'text' } },
  set_online_status: { kind: 'write', params: { status: 'scalar!', ext_status: 'scalar!', battery_status: 'scalar!' } },
  set_qq_avatar: { kind: 'write', params: { file: 'media!' } },
  set_qq_profile: { kind: 'write', params: { nickname: 'text!', personal_note: 'text', sex: 'scalar' } },
  set_self_longnick: { kind: 'write', params: { longNick: 'text!' } },
} as const satisfies ActionTable<keyof AccountActions>;
