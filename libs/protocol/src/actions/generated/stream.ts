// Generated from test/fixtures/protocol/actions.json by scripts/generate-protocol.mjs. Do not edit.
import type { ActionTable } from '../action-spec';

export interface StreamActions {
  /**
   * NapCat; write.
   * Returns: none (handler returns nothing, so the data key is missing from the JSON).
   */
  clean_stream_temp_file: {
    params: Readonly<Record<string, never>>;
    data: undefined;
  };
  /**
   * NapCat; read.
   * Replies carry stream:"stream-action".
   * Returns: as download_file_stream, file_info also has width and height.
   */
  download_file_image_stream: {
    params: {
      readonly file?: string;
      readonly file_id?: string;
      /** Default: 65536. */
      readonly chunk_size?: number;
    };
    data: StreamActions['download_file_stream']['data'];
  };
  /**
   * NapCat; read.
   * Replies carry stream:"stream-action".
   * Returns: as download_file_stream, file_info also has out_format.
   */
  download_file_record_stream: {
    params: {
      readonly file?: string;
      readonly file_id?: string;
      /** Default: 65536. */
      readonly chunk_size?: number;
      readonly out_format?: string;
    };
    data: StreamActions['download_file_stream']['data'];
  };
  /**
   * NapCat; read.
   * Replies carry stream:"stream-action".
   * Returns: several frames with the same echo: {type:"stream", data_type:"file_info", file_name, file_size, chunk_size}, then {type:"stream", data_type:"file_chunk", index, data: base64, size, progress, base64_size}..., last {type:"response", data_type:"file_complete", total_chunks, total_bytes, message}.
   */
  download_file_stream: {
    params: {
      readonly file?: string;
      readonly file_id?: string;
      /** Default: 65536. */
      readonly chunk_size?: number;
    };
    data: unknown;
  };
  /**
   * NapCat; read.
   * Test action, registered in release builds. Replies carry stream:"stream-action".
   * Returns: ten {type:"stream", data_type:"data_chunk", data} frames 100 ms apart, then {type:"response", data_type:"data_complete", data}.
   */
  test_download_stream: {
    params: {
      /** Default: false. */
      readonly error?: boolean;
    };
    data: unknown;
  };
  /**
   * NapCat; write.
   * One request per chunk, ordinary one-frame answers. First call needs total_chunks; finish with is_complete:true. reset always answers failed 1200 "Stream reset completed". 10 min idle limit; result kept file_retention ms (default 300000; 0 = forever). Memory up to 10 MiB per file and 100 MiB in all, disk above. Replies carry stream:"stream-action".
   * Returns: {type: "stream"|"response", stream_id: string, status: "file_created"|"chunk_received"|"file_complete", received_chunks: number, total_chunks: number, file_path?, file_size?, sha256?}.
   */
  upload_file_stream: {
    params: {
      readonly stream_id: string;
      readonly chunk_data?: string;
      readonly chunk_index?: number;
      readonly total_chunks?: number;
      readonly file_size?: number;
      readonly expected_sha256?: string;
      readonly is_complete?: boolean;
      readonly filename?: string;
      readonly reset?: boolean;
      readonly verify_only?: boolean;
      /** Default: 300000. */
      readonly file_retention?: number;
    };
    data: {
      readonly type: 'stream' | 'response';
      readonly stream_id: string;
      readonly status: 'file_created' | 'chunk_received' | 'file_complete';
      readonly received_chunks: number;
      readonly total_chunks: number;
      readonly file_path?: unknown;
      readonly file_size?: unknown;
      readonly sha256?: unknown;
    };
  };
}

export const STREAM_ACTIONS = {
  clean_stream_temp_file: { kind: 'write', params: {} },
  download_file_image_stream: { kind: 'read', params: { file: 'text', file_id: 'text', chunk_size: 'number' } },
  download_file_record_stream: {
    kind: 'read',
    params: { file: 'text', file_id: 'text', chunk_size: 'number', out_format: 'text' },
  },
  download_file_stream: { kind: 'read', params: { file: 'text', file_id: 'text', chunk_size: 'number' } },
  test_download_stream: { kind: 'read', params: { error: 'flag' } },
  upload_file_stream: {
    kind: 'write',
    params: {
      stream_id: 'text!',
      chunk_data: 'text',
      chunk_index: 'number',
      total_chunks: 'number',
      file_size: 'number',
      expected_sha256: 'text',
      is_complete: 'flag',
      filename: 'text',
      reset: 'flag',
      verify_only: 'flag',
      file_retention: 'number',
    },
  },
} as const satisfies ActionTable<keyof StreamActions>;
