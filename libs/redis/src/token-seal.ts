import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { Secret } from '@rookery/config';
import { RookeryError, type SelfId } from '@rookery/protocol';

const IV_BYTES = 12;
const FORM = 'a1';

/**
 * Encrypts tokens for keeping in Redis: AES-256-GCM with a fresh nonce each time, bound to the account, so that a sealed token
 * put under another account does not open.
 */
export class TokenSeal {
  readonly #key: Buffer;

  constructor(key: Secret) {
    this.#key = Buffer.from(hkdfSync('sha256', key.reveal(), '', 'rookery account token', 32));
  }

  seal(self: SelfId, token: Secret): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(Buffer.from(self));
    const text = Buffer.concat([cipher.update(token.reveal(), 'utf8'), cipher.final()]);
    return [FORM, ...[iv, cipher.getAuthTag(), text].map((part) => part.toString('base64url'))].join('.');
  }

  /** Throws KEY_WRONG when it was sealed with another key, for another account, or was changed since. */
  open(self: SelfId, sealed: string): Secret {
    const [form, iv, tag, text] = sealed.split('.');
    try {
      if (form !== FORM || iv === undefined || tag === undefined || text === undefined) throw new TypeError('form');
      const bytes = (part: string) => Buffer.from(part, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes(iv), { authTagLength: 16 });
      decipher.setAAD(Buffer.from(self)).setAuthTag(bytes(tag));
      return new Secret(Buffer.concat([decipher.update(bytes(text)), decipher.final()]).toString('utf8'));
    } catch (cause) {
      throw new RookeryError(
        'KEY_WRONG',
        `the token of account ${self} in Redis cannot be decrypted with this ROOKERY_KEY; ` +
          'give every process the key it was added with, or remove the account and add it again',
        { cause },
      );
    }
  }
}
