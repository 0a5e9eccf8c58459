import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '@rookery/config';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Whether an `Authorization` header is `Bearer` with this token. Takes the same time whatever was given. */
export function bears(header: unknown, token: Secret): boolean {
  const given = typeof header === 'string' ? /^Bearer (.+)$/.exec(header)?.[1] : undefined;
  return given !== undefined && timingSafeEqual(digest(given), digest(token.reveal()));
}
