import type { Reply } from '../frame';
import { idText, isFields, stringOr, type Fields } from '../values';

export type Downloaded =
  | { readonly ok: true; readonly name: string; readonly content: Buffer }
  | { readonly ok: false; readonly reason: string };

/** Larger files are better fetched by URL or shared folder than held in memory. */
const DOWNLOAD_MAX = 64 * 1024 * 1024;

/**
 * Assembles what a download_*_stream action answers: file_info, chunks in order, file_complete, all with one echo. Give it
 * every part and then the last frame; it refuses what is too large, has gaps, or is not as long as announced.
 */
export class Download {
  readonly #chunks: Buffer[] = [];
  #name = '';
  #announced: number | undefined;
  #received = 0;
  #nextIndex: number | undefined;
  #problem: string | undefined;

  constructor(
    private readonly options: {
      /** In bytes. Default 64 MiB. */
      readonly maxBytes?: number;
      readonly onProgress?: (receivedBytes: number, announcedBytes: number | undefined) => void;
    } = {},
  ) {}

  /** Why the rest need not be waited for; undefined while all is well. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Takes a part; once there is a problem, parts are dropped. */
  take({ data }: Reply): void {
    if (this.#problem !== undefined || !isFields(data)) return;
    if (data['data_type'] === 'file_info') this.#takeInfo(data);
    else if (data['data_type'] === 'file_chunk') this.#takeChunk(data);
  }

  /** The file, when the last frame and everything before it agree. */
  finish(last: Reply): Downloaded {
    const { data } = last;
    if (last.status !== 'ok') return { ok: false, reason: last.message || 'NapCat broke off the download' };
    if (this.#problem !== undefined) return { ok: false, reason: this.#problem };
    if (!isFields(data) || data['data_type'] !== 'file_complete')
      return { ok: false, reason: 'the download has no end' };
    const expected = Number(idText(data['total_bytes']) ?? this.#announced ?? this.#received);
    if (expected !== this.#received) return { ok: false, reason: `${this.#received} of ${expected} bytes came` };
    return { ok: true, name: this.#name, content: Buffer.concat(this.#chunks) };
  }

  #takeInfo(info: Fields): void {
    this.#name = stringOr(info['file_name'], '');
    const size = idText(info['file_size']);
    if (size === undefined) return;
    this.#announced = Number(size);
    this.#checkSize(this.#announced);
  }

  #takeChunk(chunk: Fields): void {
    const { index, data } = chunk;
    if (typeof index !== 'number' || typeof data !== 'string') return this.#fail('a chunk without index or data');
    if (this.#nextIndex !== undefined && index !== this.#nextIndex) {
      return this.#fail(`chunk ${index} came where ${this.#nextIndex} was due`);
    }
    this.#nextIndex = index + 1;
    this.#received += Buffer.byteLength(data, 'base64');
    this.#checkSize(this.#received);
    if (this.#problem !== undefined) return;
    this.#chunks.push(Buffer.from(data, 'base64'));
    this.options.onProgress?.(this.#received, this.#announced);
  }

  #checkSize(bytes: number): void {
    const limit = this.options.maxBytes ?? DOWNLOAD_MAX;
    if (bytes > limit) this.#fail(`the file has ${bytes} bytes; at most ${limit} are taken this way`);
  }

  #fail(problem: string): void {
    this.#problem = problem;
    this.#chunks.length = 0;
  }
}
