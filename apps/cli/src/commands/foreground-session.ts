import { text } from 'node:stream/consumers';
import picocolors from 'picocolors';
import { readEnvironment } from '@rookery/config';
import { systemClock } from '@rookery/protocol';
import { ClusterSession } from '../cluster/session';

/** Commands on a cluster, of the person at this terminal. */
export function foregroundSession(): ClusterSession {
  return new ClusterSession(
    {
      env: readEnvironment(),
      clock: systemClock,
      colours: picocolors.createColors(process.stdout.isTTY && picocolors.isColorSupported),
      readInput: () => text(process.stdin),
      print: (output) => void process.stdout.write(output),
    },
    (code) => (process.exitCode = code),
  );
}
