import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '@rookery/config';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Whether an `Authorization` header is `Bearer` with this token. Takes the same time whatever was given. */
export function bears(header: unknown, token: Secret): boolean {
  return borne(header, [token])[0] === true;
}

/**
 * Of each token whether the header bears it. All are compared, on digests, also with nothing where no token was given: what was
 * given shows in the answer and not in its time.
 */
export function borne(header: unknown, tokens: readonly Secret[]): readonly boolean[] {
  const given = typeof header === 'string' ? /^Bearer (.+)$/.exec(header)?.[1] : undefined;
  const seen = digest(given ?? '');
  return tokens.map((token) => timingSafeEqual(seen, digest(token.reveal())) && given !== undefined);
}
