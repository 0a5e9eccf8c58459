import { SECOND, type Action } from '@rookery/protocol';

/**
 * How long we wait for NapCat's reply. NapCat itself gives a send 10 s plus its size at 256 KiB/s; giving up earlier would turn
 * sends that succeed into unknown outcomes, so ours is longer: 20 s plus the size at 128 KiB/s.
 */
const BASE_MS = 20 * SECOND;
const BYTES_PER_MS = 128 * 1.024;

export function callTimeoutMs(action: Action): number {
  return BASE_MS + Math.ceil(JSON.stringify(action.params).length / BYTES_PER_MS);
}
