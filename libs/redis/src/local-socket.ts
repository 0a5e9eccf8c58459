import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { RookeryError } from '@rookery/protocol';

/** sun_path holds 104 bytes on macOS and 108 on Linux, with a zero at the end. */
const MAX_SOCKET_BYTES = 100;

/**
 * Where the unix socket of a folder lies: in the folder, or in a private folder below the system's temporary one when its path
 * would be too long. The same folder always gives the same path, so that what a killed process left running is found again.
 */
export async function localSocket(folder: string, name: string): Promise<string> {
  const socket = join(folder, name);
  if (Buffer.byteLength(socket) <= MAX_SOCKET_BYTES) return socket;
  const digest = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const short = join(tmpdir(), `rookery-${digest}`);
  await mkdir(short, { recursive: true, mode: 0o700 });
  if ((await stat(short)).uid !== userInfo().uid) {
    throw new RookeryError(
      'CONFIG_INVALID',
      `${short} belongs to another user, so nothing can listen there for ${folder}; choose a shorter \`dataDir\``,
    );
  }
  return join(short, name);
}
