// Generated from test/fixtures/protocol/actions.json by scripts/generate-protocol.mjs. Do not edit.
import type { ActionTable } from '../action-spec';

export interface FileActions {
  /**
   * NapCat; write.
   * Returns: raw kernel result.
   */
  cancel_online_file: {
    params: {
      readonly user_id: string | number;
      readonly msg_id: string;
    };
    data: unknown;
  };
  /**
   * NapCat; write.
   * Returns: {result: number, errMsg: string, createFlashTransferResult: {fileSetId, shareLink, expireTime, expireLeftTime: string}, seq: number}.
   */
  create_flash_task: {
    params: {
      readonly files: string | readonly string[];
      readonly name?: string;
      readonly thumb_path?: string;
    };
    data: {
      readonly result: number;
      readonly errMsg: string;
      readonly createFlashTransferResult: {
        readonly fileSetId: unknown;
        readonly shareLink: unknown;
        readonly expireTime: unknown;
        readonly expireLeftTime: string;
      };
      readonly seq: number;
    };
  };
  /**
   * go-cqhttp; write.
   * Returns: {result: object, groupItem: object} (raw).
   */
  create_group_file_folder: {
    params: {
      readonly group_id: string | number;
      readonly folder_name?: string;
      readonly name?: string;
    };
    data: { readonly result: Readonly<Record<string, unknown>>; readonly groupItem: Readonly<Record<string, unknown>> };
  };
  /**
   * go-cqhttp; write.
   * file_id must be one issued by this NapCat process (listing or event) - they live in memory, 24 h, 5,000 entries.
   * Returns: raw QQ kernel result, at least {result: number, errMsg: string}; a non-zero result is still wrapped in status ok with transGroupFileResult detail.
   */
  delete_group_file: {
    params: {
      readonly group_id: string | number;
      readonly file_id: string;
    };
    data: { readonly result: number; readonly errMsg: string };
  };
  /**
   * go-cqhttp; write.
   * Returns: raw groupFileCommonResult {retCode: number, retMsg: string, clientWording: string}.
   */
  delete_group_folder: {
    params: {
      readonly group_id: string | number;
      readonly folder_id?: string;
      readonly folder?: string;
    };
    data: { readonly retCode: number; readonly retMsg: string; readonly clientWording: string };
  };
  /**
   * go-cqhttp; write.
   * Returns: {file: string} - path on the NapCat machine.
   */
  download_file: {
    params: {
      readonly url?: string;
      readonly base64?: string;
      readonly name?: string;
      readonly headers?: string | readonly (string | number)[];
    };
    data: { readonly file: string };
  };
  /**
   * NapCat; write.
   * Returns: {result: number, errMsg: string, extraInfo: object}.
   */
  download_fileset: {
    params: {
      readonly fileset_id: string;
    };
    data: { readonly result: number; readonly errMsg: string; readonly extraInfo: Readonly<Record<string, unknown>> };
  };
  /**
   * NapCat; read.
   * Same handler as get_image.
   * Returns: {file: local path string, url: string, file_size: string, file_name: string, base64?: string (only when enableLocalFile2Url is on)}.
   */
  get_file: {
    params: {
      readonly file?: string;
      readonly file_id?: string;
    };
    data: {
      readonly file: string;
      readonly url: string;
      readonly file_size: string;
      readonly file_name: string;
      readonly base64?: string;
    };
  };
  /**
   * NapCat; read.
   * Returns: {fileset_id: string}.
   */
  get_fileset_id: {
    params: {
      readonly share_code: string;
    };
    data: { readonly fileset_id: string };
  };
  /**
   * NapCat; read.
   * Returns: {result: number, errMsg: string, seq: number, isCache: boolean, fileSet: object}.
   */
  get_fileset_info: {
    params: {
      readonly fileset_id: string;
    };
    data: {
      readonly result: number;
      readonly errMsg: string;
      readonly seq: number;
      readonly isCache: boolean;
      readonly fileSet: Readonly<Record<string, unknown>>;
    };
  };
  /**
   * NapCat; read.
   * Returns: {seq: number, result: number, errMs: string, fileLists: object[]}.
   */
  get_flash_file_list: {
    params: {
      readonly fileset_id: string;
    };
    data: {
      readonly seq: number;
      readonly result: number;
      readonly errMs: string;
      readonly fileLists: readonly Readonly<Record<string, unknown>>[];
    };
  };
  /**
   * NapCat; read.
   * Returns: {result: number, errMsg: string, transferUrl: string}.
   */
  get_flash_file_url: {
    params: {
      readonly fileset_id: string;
      readonly file_name?: string;
      readonly file_index?: number;
    };
    data: { readonly result: number; readonly errMsg: string; readonly transferUrl: string };
  };
  /**
   * go-cqhttp; read.
   * Returns: {file_count: number, limit_count: 10000, used_space: number, total_space: number}.
   */
  get_group_file_system_info: {
    params: {
      readonly group_id: string | number;
    };
    data: {
      readonly file_count: number;
      readonly limit_count: number;
      readonly used_space: number;
      readonly total_space: number;
    };
  };
  /**
   * go-cqhttp; read.
   * file_id must have been issued by this NapCat process. Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: {url?: string}.
   */
  get_group_file_url: {
    params: {
      readonly group_id: string | number;
      readonly file_id: string;
    };
    data: { readonly url?: string };
  };
  /**
   * go-cqhttp; read.
   * Returns: {files: GroupFile[], folders: [] (always empty)}.
   */
  get_group_files_by_folder: {
    params: {
      readonly group_id: string | number;
      readonly folder_id?: string;
      readonly folder?: string;
      /** Default: 50. */
      readonly file_count?: string | number;
    };
    data: {
      readonly files: readonly {
        readonly group_id: unknown;
        readonly file_id: string;
        readonly file_name: unknown;
        readonly busid: number;
        readonly size: number;
        readonly file_size: number;
        readonly upload_time: unknown;
        readonly dead_time: unknown;
        readonly modify_time: unknown;
        readonly download_times: unknown;
        readonly uploader: number;
        readonly uploader_name: unknown;
      }[];
      readonly folders: readonly unknown[];
    };
  };
  /**
   * go-cqhttp; read.
   * Returns: {files: GroupFile{group_id, file_id: string, file_name, busid: number, size: number, file_size: number, upload_time, dead_time, modify_time, download_times, uploader: number, uploader_name}[], folders: GroupFolder{group_id, folder_id: string, folder: string, folder_name, create_time, creator: number, creator_name, total_file_count}[]}.
   */
  get_group_root_files: {
    params: {
      readonly group_id: string | number;
      /** Default: 50. */
      readonly file_count?: string | number;
    };
    data: {
      readonly files: readonly {
        readonly group_id: unknown;
        readonly file_id: string;
        readonly file_name: unknown;
        readonly busid: number;
        readonly size: number;
        readonly file_size: number;
        readonly upload_time: unknown;
        readonly dead_time: unknown;
        readonly modify_time: unknown;
        readonly download_times: unknown;
        readonly uploader: number;
        readonly uploader_name: unknown;
      }[];
      readonly folders: readonly {
        readonly group_id: unknown;
        readonly folder_id: string;
        readonly folder: string;
        readonly folder_name: unknown;
        readonly create_time: unknown;
        readonly creator: number;
        readonly creator_name: unknown;
        readonly total_file_count: unknown;
      }[];
    };
  };
  /**
   * OneBot 11; read.
   * Same handler as get_file.
   * Returns: as get_file.
   */
  get_image: {
    params: {
      readonly file?: string;
      readonly file_id?: string;
    };
    data: FileActions['get_file']['data'];
  };
  /**
   * NapCat; read.
   * Returns: {result, errMsg, msgList: raw messages[]}.
   */
  get_online_file_msg: {
    params: {
      readonly user_id: string | number;
    };
    data: { readonly result: unknown; readonly errMsg: unknown; readonly msgList: readonly unknown[] };
  };
  /**
   * NapCat; read.
   * file_id must have been issued by this NapCat process. Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: {url?: string}.
   */
  get_private_file_url: {
    params: {
      readonly file_id: string;
    };
    data: { readonly url?: string };
  };
  /**
   * OneBot 11; read.
   * out_format is required.
   * Returns: as get_file, with file/url replaced by the converted path and base64 always filled.
   */
  get_record: {
    params: {
      readonly file?: string;
      readonly file_id?: string;
      readonly out_format: string;
    };
    data: FileActions['get_file']['data'];
  };
  /**
   * NapCat; read.
   * Returns: {result: number, errMsg: string, shareLink: string, expireTimestamp: string}.
   */
  get_share_link: {
    params: {
      readonly fileset_id: string;
    };
    data: {
      readonly result: number;
      readonly errMsg: string;
      readonly shareLink: string;
      readonly expireTimestamp: string;
    };
  };
  /**
   * NapCat; write.
   * Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: {ok: boolean}.
   */
  move_group_file: {
    params: {
      readonly group_id: string | number;
      readonly file_id: string;
      readonly current_parent_directory: string;
      readonly target_parent_directory: string;
    };
    data: { readonly ok: boolean };
  };
  /**
   * NapCat; write.
   * Returns: raw kernel result.
   */
  receive_online_file: {
    params: {
      readonly user_id: string | number;
      readonly msg_id: string;
      readonly element_id: string;
    };
    data: unknown;
  };
  /**
   * NapCat; write.
   * Returns: raw kernel result.
   */
  refuse_online_file: {
    params: {
      readonly user_id: string | number;
      readonly msg_id: string;
      readonly element_id: string;
    };
    data: unknown;
  };
  /**
   * NapCat; write.
   * Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: {ok: boolean}.
   */
  rename_group_file: {
    params: {
      readonly group_id: string | number;
      readonly file_id: string;
      readonly current_parent_directory: string;
      readonly new_name: string;
    };
    data: { readonly ok: boolean };
  };
  /**
   * NapCat; write, sends a message.
   * Returns: {errCode: number, errMsg: string, rsp: {sendStatus: object[]}} - no message_id.
   */
  send_flash_msg: {
    params: {
      readonly fileset_id: string;
      readonly user_id?: string | number;
      readonly group_id?: string | number;
    };
    data: {
      readonly errCode: number;
      readonly errMsg: string;
      readonly rsp: { readonly sendStatus: readonly Readonly<Record<string, unknown>>[] };
    };
  };
  /**
   * NapCat; write, sends a message.
   * Returns: {result: number, errMsg: string, msgId: string, elementId: string}.
   */
  send_online_file: {
    params: {
      readonly user_id: string | number;
      readonly file_path: string;
      readonly file_name?: string;
    };
    data: { readonly result: number; readonly errMsg: string; readonly msgId: string; readonly elementId: string };
  };
  /**
   * NapCat; write, sends a message.
   * Returns: {result: number, errMsg: string, msgId: string, elementId: string}.
   */
  send_online_folder: {
    params: {
      readonly user_id: string | number;
      readonly folder_path: string;
      readonly folder_name?: string;
    };
    data: { readonly result: number; readonly errMsg: string; readonly msgId: string; readonly elementId: string };
  };
  /**
   * NapCat; write.
   * Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: {ok: boolean}.
   */
  trans_group_file: {
    params: {
      readonly group_id: string | number;
      readonly file_id: string;
    };
    data: { readonly ok: boolean };
  };
  /**
   * go-cqhttp; write, sends a message.
   * Sends a file message; the event stream also carries group_upload. Path, file://, http(s), base64:// or data: accepted.
   * Returns: {file_id: string|null} - a raw fileUuid, no message_id.
   */
  upload_group_file: {
    params: {
      readonly group_id: string | number;
      readonly file: string;
      readonly name: string;
      readonly folder?: string;
      readonly folder_id?: string;
      /** Default: true. */
      readonly upload_file?: boolean;
    };
    data: { readonly file_id: string | null };
  };
  /**
   * go-cqhttp; write, sends a message.
   * Sends a file message.
   * Returns: {file_id: string|null} - a raw fileUuid, no message_id.
   */
  upload_private_file: {
    params: {
      readonly user_id: string | number;
      readonly file: string;
      readonly name: string;
      /** Default: true. */
      readonly upload_file?: boolean;
    };
    data: { readonly file_id: string | null };
  };
}

export const FILE_ACTIONS = {
  cancel_online_file: { kind: 'write', params: { user_id: 'id!', msg_id: 'text!' } },
  create_flash_task: { kind: 'write', params: { files: 'mediaList!', name: 'text', thumb_path: 'media' } },
  create_group_file_folder: { kind: 'write', params: { group_id: 'id!', folder_name: 'text', name: 'text' } },
  delete_group_file: { kind: 'write', params: { group_id: 'id!', file_id: 'text!' } },
  delete_group_folder: { kind: 'write', params: { group_id: 'id!', folder_id: 'text', folder: 'text' } },
  download_file: { kind: 'write', params: { url: 'text', base64: 'text', name: 'text', headers: 'list' } },
  download_fileset: { kind: 'write', params: { fileset_id: 'text!' } },
  get_file: { kind: 'read', params: { file: 'text', file_id: 'text' } },
  get_fileset_id: { kind: 'read', params: { share_code: 'text!' } },
  get_fileset_info: { kind: 'read', params: { fileset_id: 'text!' } },
  get_flash_file_list: { kind: 'read', params: { fileset_id: 'text!' } },
  get_flash_file_url: { kind: 'read', params: { fileset_id: 'text!', file_name: 'text', file_index: 'number' } },
  get_group_file_system_info: { kind: 'read', params: { group_id: 'id!' } },
  get_group_file_url: { kind: 'read', packet: true, params: { group_id: 'id!', file_id: 'text!' } },
  get_group_files_by_folder: {
    kind: 'read',
    params: { group_id: 'id!', folder_id: 'text', folder: 'text', file_count: 'scalar' },
  },
  get_group_root_files: { kind: 'read', params: { group_id: 'id!', file_count: 'scalar' } },
  get_image: { kind: 'read', params: { file: 'text', file_id: 'text' } },
  get_online_file_msg: { kind: 'read', params: { user_id: 'id!' } },
  get_private_file_url: { kind: 'read', packet: true, params: { file_id: 'text!' } },
  get_record: { kind: 'read', params: { file: 'text', file_id: 'text', out_format: 'text!' } },
  get_share_link: { kind: 'read', params: { fileset_id: 'text!' } },
  move_group_file: {
    kind: 'write',
    packet: true,
    params: { group_id: 'id!', file_id: 'text!', current_parent_directory: 'text!', target_parent_directory: 'text!' },
  },
  receive_online_file: { kind: 'write', params: { user_id: 'id!', msg_id: 'text!', element_id: 'text!' } },
  refuse_online_file: { kind: 'write', params: { user_id: 'id!', msg_id: 'text!', element_id: 'text!' } },
  rename_group_file: {
    kind: 'write',
    packet: true,
    params: { group_id: 'id!', file_id: 'text!', current_parent_directory: 'text!', new_name: 'text!' },
  },
  send_flash_msg: { kind: 'write', sends: true, params: { fileset_id: 'text!', user_id: 'id', group_id: 'id' } },
  send_online_file: { kind: 'write', sends: true, params: { user_id: 'id!', file_path: 'media!', file_name: 'text' } },
  send_online_folder: {
    kind: 'write',
    sends: true,
    params: { user_id: 'id!', folder_path: 'media!', folder_name: 'text' },
  },
  trans_group_file: { kind: 'write', packet: true, params: { group_id: 'id!', file_id: 'text!' } },
  upload_group_file: {
    kind: 'write',
    sends: true,
    params: { group_id: 'id!', file: 'media!', name: 'text!', folder: 'text', folder_id: 'text', upload_file: 'flag' },
  },
  upload_private_file: {
    kind: 'write',
    sends: true,
    params: { user_id: 'id!', file: 'media!', name: 'text!', upload_file: 'flag' },
  },
} as const satisfies ActionTable<keyof FileActions>;
