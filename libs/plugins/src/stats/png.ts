import { crc32, deflateSync } from 'node:zlib';

export type Colour = readonly [red: number, green: number, blue: number];

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const DEPTH = 8;
const PALETTE = 3;

/** A picture whose points are numbers of colours, written as PNG (W3C recommendation, third edition): one palette, no filters. */
export class Picture {
  readonly #points: Uint8Array;

  /** Filled with the first colour; at most 256 colours. */
  constructor(
    readonly width: number,
    readonly height: number,
    private readonly colours: readonly Colour[],
  ) {
    this.#points = new Uint8Array(width * height);
  }

  /** What lies outside of the picture is left out. */
  fill(left: number, top: number, width: number, height: number, colour: number): void {
    const right = Math.min(left + width, this.width);
    for (let y = Math.max(top, 0); y < Math.min(top + height, this.height); y++) {
      this.#points.fill(colour, y * this.width + Math.max(left, 0), y * this.width + Math.max(right, 0));
    }
  }

  png(): Buffer {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(this.width, 0);
    header.writeUInt32BE(this.height, 4);
    header.set([DEPTH, PALETTE, 0, 0, 0], 8);
    // Each line begins with the number of its filter, 0: none.
    const lines = Buffer.alloc((this.width + 1) * this.height);
    for (let y = 0; y < this.height; y++) {
      lines.set(this.#points.subarray(y * this.width, (y + 1) * this.width), y * (this.width + 1) + 1);
    }
    return Buffer.concat([
      SIGNATURE,
      chunk('IHDR', header),
      chunk('PLTE', Buffer.from(this.colours.flat())),
      chunk('IDAT', deflateSync(lines)),
      chunk('IEND', Buffer.alloc(0)),
    ]);
  }
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
