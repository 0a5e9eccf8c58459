import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from './load-config';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-otlp-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(text: string) {
  const path = join(folder, 'rookery.yaml');
  writeFileSync(path, text);
  return loadConfig({ ROOKERY_CONFIG: path, OTLP_TOKEN: 'a-token' });
}

describe('telemetry.otlp', () => {
  it('is off unless it is written, and then takes every trace; its headers are secrets', () => {
    expect(load('{}').telemetry).toEqual({});
    const { otlp } = load(
      'telemetry: { otlp: { url: "https://otel.example", headers: { x-key: "Bearer ${OTLP_TOKEN}" } } }',
    ).telemetry;
    expect([otlp?.share, otlp?.headers['x-key']?.reveal(), JSON.stringify(otlp)]).toEqual([
      1,
      'Bearer a-token',
      expect.not.stringContaining('a-token'),
    ]);
  });

  it.each([
    ['{ url: "grpc://127.0.0.1:4317" }', /telemetry\.otlp\.url: must be an http/],
    ['{ url: "http://user:hidden@127.0.0.1:4318" }', /telemetry\.otlp\.url: must not hold a password/],
    ['{ url: "http://127.0.0.1:4318?key=hidden" }', /telemetry\.otlp\.url: must end with its path/],
    ['{ url: "http://127.0.0.1:4318", headers: { "a b": "x" } }', /must be the name of a header/],
    ['{ url: "http://127.0.0.1:4318", share: 2 }', /telemetry\.otlp\.share: must be from 0 to 1/],
    ['{ url: "http://127.0.0.1:4318" }\ntrace: { perSecond: 0 }', /trace\.perSecond: must not be 0 while/],
  ])('refuses %s without repeating a secret', (otlp, expected) => {
    const attempt = () => load(`telemetry:\n  otlp: ${otlp}`);
    expect(attempt).toThrow(expected);
    expect(attempt).not.toThrow(/hidden/);
  });
});
