import { createHash, timingSafeEqual } from 'node:crypto';
import type { SelfId } from '@rookery/protocol';

/**
 * `accepted`: the token is this account's. `token`: it is nobody's, or missing. `account`: it is valid, but the account that the
 * caller names is unknown or belongs to another token; the name alone is chosen by the caller and proves nothing.
 */
export type Verdict = 'accepted' | 'token' | 'account';

/**
 * Which token belongs to which account. Only digests are kept, and compared in constant time: neither the length nor the
 * first letters of a token show in the time that an answer takes.
 */
export class TokenBook {
  readonly #digests = new Map<string, Buffer>();

  set(self: SelfId, token: string): void {
    this.#digests.set(self, digest(token));
  }

  delete(self: SelfId): void {
    this.#digests.delete(self);
  }

  /** The account of that number, when it is one of ours. */
  find(self: string): SelfId | undefined {
    return this.#digests.has(self) ? (self as SelfId) : undefined;
  }

  check(self: string, token: string | undefined): Verdict {
    if (token === undefined || token === '') return 'token';
    const offered = digest(token);
    const own = this.#digests.get(self);
    if (own !== undefined && timingSafeEqual(own, offered)) return 'accepted';
    let known = false;
    for (const other of this.#digests.values()) known = timingSafeEqual(other, offered) || known;
    return known ? 'account' : 'token';
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}

/** The token of an `Authorization` header: `Bearer x` or bare `x`. NapCat sends `Bearer` alone when it has none. */
export function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const token = header.replace(/^bearer(?:\s+|$)/i, '').trim();
  return token === '' ? undefined : token;
}
