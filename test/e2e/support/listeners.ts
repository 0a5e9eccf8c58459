import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTENING = '0A';
/** As /proc/net writes 127.x.x.x, ::1 and 127.x.x.x within IPv6: in words of four bytes, each backwards. */
const LOOPBACK = /^(?:[0-9A-F]{6}7F|0{24}01000000|0{16}FFFF0000[0-9A-F]{6}7F)$/;

export interface Listener {
  readonly port: number;
  readonly isLoopback: boolean;
}

/** Every TCP port that a process listens at, from /proc. */
export function listenersOf(pid: number): Listener[] {
  const own = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]];
      } catch {
        return []; // closed meanwhile
      }
    }),
  );
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .flatMap((line) => {
        const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
        const [address = '', port = ''] = local.split(':');
        if (state !== LISTENING || !own.has(inode)) return [];
        return [{ port: Number.parseInt(port, 16), isLoopback: LOOPBACK.test(address) }];
      }),
  );
}
