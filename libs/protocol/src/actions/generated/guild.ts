// Generated from test/fixtures/protocol/actions.json by scripts/generate-protocol.mjs. Do not edit.
import type { ActionTable } from '../action-spec';

export interface GuildActions {
  /**
   * go-cqhttp; read.
   * Placeholder: channels (guilds) are not supported by NapCat.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  get_guild_list: {
    params: Readonly<Record<string, never>>;
    data: undefined;
  };
  /**
   * go-cqhttp; read.
   * Placeholder: channels (guilds) are not supported by NapCat.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  get_guild_service_profile: {
    params: Readonly<Record<string, never>>;
    data: undefined;
  };
}

export const GUILD_ACTIONS = {
  get_guild_list: { kind: 'read', params: {} },
  get_guild_service_profile: { kind: 'read', params: {} },
} as const satisfies ActionTable<keyof GuildActions>;
