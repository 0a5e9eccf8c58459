// Generated from test/fixtures/protocol/actions.json by scripts/generate-protocol.mjs. Do not edit.
import type { ActionTable } from '../action-spec';

export interface PacketActions {
  /**
   * NapCat; read.
   * Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: {type: string, rkey: string, created_at: number, ttl: number}[].
   */
  get_rkey: {
    params: Readonly<Record<string, never>>;
    data: readonly {
      readonly type: string;
      readonly rkey: string;
      readonly created_at: number;
      readonly ttl: number;
    }[];
  };
  /**
   * NapCat; read.
   * Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: {private_rkey?: string, group_rkey?: string, expired_time?: number, name: string}.
   */
  get_rkey_server: {
    params: Readonly<Record<string, never>>;
    data: {
      readonly private_rkey?: string;
      readonly group_rkey?: string;
      readonly expired_time?: number;
      readonly name: string;
    };
  };
  /**
   * NapCat; read.
   * ok = packet backend usable; otherwise 1400 on WebSocket. Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  nc_get_packet_status: {
    params: Readonly<Record<string, never>>;
    data: undefined;
  };
  /**
   * NapCat; read.
   * Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: {rkey: string, time: number, type: 10 (private)|20 (group), ttl: 64-bit value}[].
   */
  nc_get_rkey: {
    params: Readonly<Record<string, never>>;
    data: readonly {
      readonly rkey: string;
      readonly time: number;
      readonly type: 10 | 20;
      readonly ttl: number | string;
    }[];
  };
  /**
   * NapCat; write.
   * Raw protocol packet: do not expose to plugins. Needs the packet backend (tied to exact QQ builds); without it: failed, 1400 on WebSocket, 400 on HTTP.
   * Returns: hex string, or undefined when rsp is false.
   */
  send_packet: {
    params: {
      readonly cmd: string;
      readonly data: string;
      /** Default: true. */
      readonly rsp?: boolean;
    };
    data: string | undefined;
  };
}

export const PACKET_ACTIONS = {
  get_rkey: { kind: 'read', packet: true, params: {} },
  get_rkey_server: { kind: 'read', packet: true, params: {} },
  nc_get_packet_status: { kind: 'read', packet: true, params: {} },
  nc_get_rkey: { kind: 'read', packet: true, params: {} },
  send_packet: { kind: 'write', packet: true, params: { cmd: 'text!', data: 'text!', rsp: 'flag' } },
} as const satisfies ActionTable<keyof PacketActions>;
