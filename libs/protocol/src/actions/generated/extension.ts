// Generated from test/fixtures/protocol/actions.json by scripts/generate-protocol.mjs. Do not edit.
import type { ActionTable } from '../action-spec';

export interface ExtensionActions {
  /**
   * go-cqhttp; read.
   * Same handler as ocr_image.
   * Returns: raw OCR result.
   */
  '.ocr_image': {
    params: {
      readonly image: string;
    };
    data: unknown;
  };
  /**
   * NapCat; read.
   * Same handler as send_group_ark_share.
   * Deprecated alias.
   * Returns: string (ark JSON).
   */
  ArkShareGroup: {
    params: {
      readonly group_id: string | number;
    };
    data: string;
  };
  /**
   * NapCat; read.
   * Same handler as send_ark_share.
   * Deprecated alias.
   * Returns: {result: number, errMsg: string, arkMsg: string} for a user, {result: number, errMsg: string, arkJson: string} for a group.
   */
  ArkSharePeer: {
    params: {
      readonly user_id?: string | number;
      readonly group_id?: string | number;
      /** Default: "". */
      readonly phone_number?: string;
    };
    data: { readonly result: number; readonly errMsg: string; readonly arkMsg: string };
  };
  /**
   * go-cqhttp; read.
   * Constant answer.
   * Returns: {level: 1} constant.
   */
  check_url_safely: {
    params: {
      readonly url: string;
    };
    data: { readonly level: number };
  };
  /**
   * NapCat; read.
   * Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: {type: string, characters: {character_id: string, character_name: string, preview_url: string}[]}[].
   */
  get_ai_characters: {
    params: {
      readonly group_id: string | number;
      /** Default: 1. */
      readonly chat_type?: string | number;
    };
    data: readonly {
      readonly type: string;
      readonly characters: readonly {
        readonly character_id: string;
        readonly character_name: string;
        readonly preview_url: string;
      }[];
    }[];
  };
  /**
   * NapCat; read.
   * Generates a voice each call. Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: string (URL of the generated voice).
   */
  get_ai_record: {
    params: {
      readonly character: string;
      readonly group_id: string | number;
      readonly text: string;
    };
    data: string;
  };
  /**
   * NapCat; read.
   * Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: {data: object}.
   */
  get_mini_app_ark: {
    params: {
      readonly type?: 'bili' | 'weibo';
      readonly title: string;
      readonly desc: string;
      readonly picUrl: string;
      readonly jumpUrl: string;
      readonly webUrl?: string;
      readonly rawArkData?: string;
      readonly iconUrl?: string;
      readonly appId?: string;
      readonly scene?: string;
      readonly templateType?: string;
      readonly businessType?: string;
      readonly verType?: string;
      readonly shareType?: string;
      readonly versionId?: string;
      readonly sdkId?: string;
      readonly withShareTicket?: string;
    };
    data: { readonly data: Readonly<Record<string, unknown>> };
  };
  /**
   * NapCat; read.
   * Returns: any[].
   */
  get_robot_uin_range: {
    params: Readonly<Record<string, never>>;
    data: readonly unknown[];
  };
  /**
   * go-cqhttp; read.
   * Same handler as .ocr_image.
   * Returns: raw OCR result (text blocks with coordinates).
   */
  ocr_image: {
    params: {
      readonly image: string;
    };
    data: unknown;
  };
  /**
   * NapCat; read.
   * Same handler as ArkSharePeer.
   * Name says send, but it only returns the ark JSON.
   * Returns: as ArkSharePeer.
   */
  send_ark_share: {
    params: {
      readonly user_id?: string | number;
      readonly group_id?: string | number;
      /** Default: "". */
      readonly phone_number?: string;
    };
    data: ExtensionActions['ArkSharePeer']['data'];
  };
  /**
   * NapCat; write, sends a message.
   * The server posts the voice itself; message_id is not known. Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: {message_id: 0} constant.
   */
  send_group_ai_record: {
    params: {
      readonly character: string;
      readonly group_id: string | number;
      readonly text: string;
    };
    data: { readonly message_id: number };
  };
  /**
   * NapCat; read.
   * Same handler as ArkShareGroup.
   * Name says send, but it only returns the ark JSON.
   * Returns: string (ark JSON).
   */
  send_group_ark_share: {
    params: {
      readonly group_id: string | number;
    };
    data: string;
  };
  /**
   * NapCat; read.
   * Returns: {words: string[]}.
   */
  translate_en2zh: {
    params: {
      readonly words: string | readonly (string | number)[];
    };
    data: { readonly words: readonly string[] };
  };
}

export const EXTENSION_ACTIONS = {
  '.ocr_image': { kind: 'read', params: { image: 'media!' } },
  ArkShareGroup: { kind: 'read', params: { group_id: 'id!' } },
  ArkSharePeer: { kind: 'read', params: { user_id: 'id', group_id: 'id', phone_number: 'text' } },
  check_url_safely: { kind: 'read', params: { url: 'text!' } },
  get_ai_characters: { kind: 'read', packet: true, params: { group_id: 'id!', chat_type: 'scalar' } },
  get_ai_record: { kind: 'read', packet: true, params: { character: 'text!', group_id: 'id!', text: 'text!' } },
  get_mini_app_ark: {
    kind: 'read',
    packet: true,
    params: {
      type: { oneOf: ['bili', 'weibo'], required: false },
      title: 'text!',
      desc: 'text!',
      picUrl: 'text!',
      jumpUrl: 'text!',
      webUrl: 'text',
      rawArkData: 'text',
      iconUrl: 'text',
      appId: 'text',
      scene: 'text',
      templateType: 'text',
      businessType: 'text',
      verType: 'text',
      shareType: 'text',
      versionId: 'text',
      sdkId: 'text',
      withShareTicket: 'text',
    },
  },
  get_robot_uin_range: { kind: 'read', params: {} },
  ocr_image: { kind: 'read', params: { image: 'media!' } },
  send_ark_share: { kind: 'read', params: { user_id: 'id', group_id: 'id', phone_number: 'text' } },
  send_group_ai_record: {
    kind: 'write',
    sends: true,
    packet: true,
    params: { character: 'text!', group_id: 'id!', text: 'text!' },
  },
  send_group_ark_share: { kind: 'read', params: { group_id: 'id!' } },
  translate_en2zh: { kind: 'read', params: { words: 'list!' } },
} as const satisfies ActionTable<keyof ExtensionActions>;
