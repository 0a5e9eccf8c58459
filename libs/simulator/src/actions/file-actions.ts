import { createHash } from 'node:crypto';
import { asReceived } from '../world/content';
import { ActionFailure, StreamAnswer, type Call, type Handler } from './call';
import { flagParam, numberParam, textParam } from './params';
import { deliver, groupChat, privateChat } from './sending';

/** One request per chunk, each answered by one frame; `is_complete` puts the file together and tells its path. */
const uploadStream: Handler = (call) => {
  const { params } = call;
  const { uploads } = call.process;
  const id = textParam(params, 'stream_id');
  if (flagParam(params, 'reset', false)) {
    uploads.delete(id);
    throw new ActionFailure('Stream reset completed');
  }
  let upload = uploads.get(id);
  if (upload === undefined) {
    const total = numberParam(params, 'total_chunks', 0);
    if (total < 1) throw new ActionFailure('total_chunks is required for new streams');
    upload = { chunks: new Map(), total, filename: textParam(params, 'filename') || id };
    uploads.set(id, upload);
  }
  if (params['chunk_data'] !== undefined) {
    const index = numberParam(params, 'chunk_index', -1);
    if (index < 0 || index >= upload.total) throw new ActionFailure('Invalid chunk index');
    upload.chunks.set(index, Buffer.from(textParam(params, 'chunk_data'), 'base64'));
  }
  const progress = { stream_id: id, received_chunks: upload.chunks.size, total_chunks: upload.total };
  if (!flagParam(params, 'is_complete', false)) {
    const status = params['chunk_data'] === undefined ? 'file_created' : 'chunk_received';
    return new StreamAnswer([{ type: 'stream', status, ...progress }]);
  }
  return new StreamAnswer([completed(call, id)]);
};

function completed(call: Call, id: string) {
  const { uploads } = call.process;
  const upload = uploads.get(id);
  if (upload === undefined || upload.chunks.size !== upload.total) throw new ActionFailure('Not all chunks received');
  const bytes = Buffer.concat(
    Array.from({ length: upload.total }, (_, index) => upload.chunks.get(index) ?? Buffer.alloc(0)),
  );
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const expected = textParam(call.params, 'expected_sha256');
  if (expected !== '' && expected !== sha256) throw new ActionFailure('File hash mismatch');
  uploads.delete(id);
  const file_path = `/app/.config/QQ/NapCat/temp/${upload.filename}`;
  call.process.files.set(file_path, bytes);
  return {
    type: 'response',
    stream_id: id,
    status: 'file_complete',
    received_chunks: upload.total,
    total_chunks: upload.total,
    file_path,
    file_size: bytes.length,
    sha256,
  };
}

/** Many frames with one echo: what the file is, its chunks, the end. Only files uploaded to this process are known. */
const downloadStream: Handler = ({ params, process }) => {
  const path = textParam(params, 'file') || textParam(params, 'file_id');
  const bytes = process.files.get(path);
  if (bytes === undefined) throw new ActionFailure('file not found', 1200, { type: 'error', data_type: 'error' });
  const size = Math.max(1, numberParam(params, 'chunk_size', 65_536));
  const count = Math.ceil(bytes.length / size);
  const chunks = Array.from({ length: count }, (_, index) => {
    const part = bytes.subarray(index * size, (index + 1) * size);
    const data = part.toString('base64');
    const progress = Math.round(((index + 1) / count) * 100);
    return {
      type: 'stream',
      data_type: 'file_chunk',
      index,
      data,
      size: part.length,
      progress,
      base64_size: data.length,
    };
  });
  const file_name = path.split('/').at(-1);
  return new StreamAnswer([
    { type: 'stream', data_type: 'file_info', file_name, file_size: bytes.length, chunk_size: size },
    ...chunks,
    {
      type: 'response',
      data_type: 'file_complete',
      total_chunks: count,
      total_bytes: bytes.length,
      message: 'Download completed',
    },
  ]);
};

/** Sends a file message; in a group the upload is reported as well. */
const uploadFile: Handler = (call) => {
  const { params } = call;
  const inGroup = call.action === 'upload_group_file';
  const chat = inGroup ? groupChat(call) : privateChat(call, textParam(params, 'user_id'));
  const file = asReceived({ type: 'file', data: { file: textParam(params, 'file'), name: textParam(params, 'name') } });
  deliver(call, chat, [file]);
  const id = textParam(file.data, 'file_id');
  if (chat.scene.kind === 'group') {
    const size = numberParam(file.data, 'file_size', 0);
    call.world.notices.upload(chat.scene.groupId, call.account.self, { id, name: textParam(params, 'name'), size });
  }
  return { file_id: `/${id}` };
};

export const FILE_ACTIONS: Readonly<Record<string, Handler>> = {
  upload_file_stream: uploadStream,
  download_file_stream: downloadStream,
  upload_group_file: uploadFile,
  upload_private_file: uploadFile,
};
