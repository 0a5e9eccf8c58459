import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { Secret } from './secret';

describe('Secret', () => {
  const secret = new Secret('canary-4711');

  it.each<[string, string]>([
    ['String()', String(secret)],
    ['concatenation', 'token ' + secret.toString()],
    ['JSON', JSON.stringify({ secret })],
    ['inspect', inspect({ nested: [secret] }, { showHidden: true, depth: 9 })],
    ['entries', JSON.stringify(Object.entries(secret))],
  ])('does not show its text in %s', (_, printed) => {
    expect(printed).not.toContain('canary');
  });

  it('gives the text where it is used', () => {
    expect(secret.reveal()).toBe('canary-4711');
  });
});
