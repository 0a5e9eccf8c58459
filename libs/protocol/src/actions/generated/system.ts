// Generated from test/fixtures/protocol/actions.json by scripts/generate-protocol.mjs. Do not edit.
import type { ActionTable } from '../action-spec';

export interface SystemActions {
  /**
   * NapCat; write.
   * process.exit(0): the WebSocket drops without a close frame.
   * Returns: no reply: the process exits first.
   */
  bot_exit: {
    params: Readonly<Record<string, never>>;
    data: undefined;
  };
  /**
   * OneBot 11; read.
   * Constant yes.
   * Returns: {yes: boolean}.
   */
  can_send_image: {
    params: Readonly<Record<string, never>>;
    data: { readonly yes: boolean };
  };
  /**
   * OneBot 11; read.
   * Constant yes.
   * Returns: {yes: boolean}.
   */
  can_send_record: {
    params: Readonly<Record<string, never>>;
    data: { readonly yes: boolean };
  };
  /**
   * OneBot 11; write.
   * Deletes NapCat temp files and the Pic/Ptt/Video/File/log folders of the account.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  clean_cache: {
    params: Readonly<Record<string, never>>;
    data: undefined;
  };
  /**
   * OneBot 11; read.
   * good is constant true; online follows kernel status push.
   * Returns: {online: boolean, good: true, stat: {}}.
   */
  get_status: {
    params: Readonly<Record<string, never>>;
    data: { readonly online: boolean; readonly good: boolean; readonly stat: Readonly<Record<string, unknown>> };
  };
  /**
   * OneBot 11; read.
   * Returns: {app_name: "NapCat.Onebot", protocol_version: "v11", app_version: string}.
   */
  get_version_info: {
    params: Readonly<Record<string, never>>;
    data: { readonly app_name: string; readonly protocol_version: string; readonly app_version: string };
  };
  /**
   * OneBot 11; write.
   * Restarts the whole NapCat worker process.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  set_restart: {
    params: Readonly<Record<string, never>>;
    data: undefined;
  };
}

export const SYSTEM_ACTIONS = {
  bot_exit: { kind: 'write', params: {} },
  can_send_image: { kind: 'read', params: {} },
  can_send_record: { kind: 'read', params: {} },
  clean_cache: { kind: 'write', params: {} },
  get_status: { kind: 'read', params: {} },
  get_version_info: { kind: 'read', params: {} },
  set_restart: { kind: 'write', params: {} },
} as const satisfies ActionTable<keyof SystemActions>;
