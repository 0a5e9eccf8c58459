import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { OtlpExporter } from './otlp-exporter';
import { spanIdOf, traceIdOf, type Span } from './span';

interface Received {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: {
    readonly resourceSpans: readonly {
      readonly resource: unknown;
      readonly scopeSpans: readonly { readonly spans: readonly Record<string, unknown>[] }[];
    }[];
  };
}

let server: Server;
let received: Received[];
let status: number;
let answer: (response: ServerResponse) => void;
let clock: FakeClock;
let ended: string[];
let troubles: string[];
let sut: OtlpExporter;
let settled: () => void;

async function bodyOf(request: IncomingMessage): Promise<Received['body']> {
  let text = '';
  for await (const part of request) text += String(part);
  return JSON.parse(text) as Received['body'];
}

beforeEach(async () => {
  received = [];
  status = 200;
  answer = (response) => void response.writeHead(status, { location: '/elsewhere' }).end('{}');
  server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      received.push({ path: String(request.url), authorization: request.headers.authorization, body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  clock = new FakeClock();
  ended = [];
  troubles = [];
  settled = () => undefined;
  sut = new OtlpExporter({
    url: `http://127.0.0.1:${port}/`,
    headers: { authorization: { reveal: () => 'Bearer secret' } },
    source: { service: 'rookery-worker', version: '1', node: 'worker-1' },
    clock,
    onEnded: (result, spans) => {
      ended.push(`${result} ${spans}`);
      settled();
    },
    onTrouble: ({ message }) => {
      troubles.push(message);
      settled();
    },
  });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const span = (n: number, more: Partial<Span> = {}): Span => ({
  traceId: traceIdOf('e'),
  spanId: spanIdOf('e', String(n)),
  name: `span ${n}`,
  kind: 'internal',
  startMs: 1_800_000_000_000,
  endMs: 1_800_000_000_001.5,
  attributes: { 'rookery.event': 'e' },
  ...more,
});
const spans = (count: number) => Array.from({ length: count }, (_, n) => span(n));
const sent = () => received.map(({ body }) => body.resourceSpans[0]?.scopeSpans[0]?.spans.length);

/** Time passes until a batch has had its answer. */
async function pass(ms: number): Promise<void> {
  const done = new Promise<void>((resolve) => (settled = resolve));
  clock.advance(ms);
  await done;
  await new Promise((resolve) => setImmediate(resolve));
}

describe('OtlpExporter', () => {
  it('sends what came within two seconds in one request, in the JSON form of OTLP', async () => {
    sut.take([span(1, { parentId: spanIdOf('e', 'event'), kind: 'client', error: 'LINK_DOWN' })]);
    sut.take([span(2, { events: [{ name: 'asked', atMs: 1_800_000_000_001 }] })]);
    await pass(2_000);
    expect(received.map(({ path, authorization }) => [path, authorization])).toEqual([['/v1/traces', 'Bearer secret']]);
    expect(received[0]?.body.resourceSpans[0]?.resource).toEqual({
      attributes: [
        { key: 'service.name', value: { stringValue: 'rookery-worker' } },
        { key: 'service.version', value: { stringValue: '1' } },
        { key: 'service.instance.id', value: { stringValue: 'worker-1' } },
      ],
    });
    expect(received[0]?.body.resourceSpans[0]?.scopeSpans[0]?.spans).toEqual([
      {
        traceId: traceIdOf('e'),
        spanId: spanIdOf('e', '1'),
        parentSpanId: spanIdOf('e', 'event'),
        name: 'span 1',
        kind: 3,
        startTimeUnixNano: '1800000000000000000',
        endTimeUnixNano: '1800000000001500000',
        attributes: [{ key: 'rookery.event', value: { stringValue: 'e' } }],
        status: { code: 2, message: 'LINK_DOWN' },
      },
      expect.objectContaining({
        spanId: spanIdOf('e', '2'),
        kind: 1,
        events: [{ name: 'asked', timeUnixNano: '1800000000001000000' }],
      }),
    ]);
    expect([ended, troubles, clock.pending]).toEqual([['exported 2'], [], 0]);
  });

  it('keeps what a receiver does not take now, waits longer each time, and sends it when it can', async () => {
    status = 503;
    sut.take(spans(3));
    await pass(2_000);
    clock.advance(3_999);
    expect([sent(), ended]).toEqual([[3], []]);
    await pass(1);
    status = 200;
    await pass(8_000);
    expect([sent(), ended, troubles.length]).toEqual([[3, 3, 3], ['exported 3'], 2]);
    sut.take(spans(1));
    await pass(2_000);
    expect(ended).toEqual(['exported 3', 'exported 1']);
  });

  it('drops and counts what a receiver will never take', async () => {
    status = 400;
    sut.take(spans(3));
    await pass(2_000);
    expect([ended, troubles, clock.pending]).toEqual([
      ['dropped 3'],
      ['the OpenTelemetry receiver answered with status 400'],
      0,
    ]);
  });

  it('takes no secret along to where an answer points', async () => {
    status = 307;
    sut.take(spans(1));
    await pass(2_000);
    expect([received.map(({ path }) => path), troubles.length]).toEqual([['/v1/traces'], 1]);
  });

  it('keeps 4,096 spans at most while the receiver is away, and counts what is dropped', async () => {
    answer = (response) => void response.destroy();
    sut.take(spans(4_000));
    await pass(2_000);
    sut.take(spans(100));
    expect(ended).toEqual(['dropped 4']);
    answer = (response) => void response.writeHead(200).end();
    await pass(4_000);
    expect(ended).toEqual(['dropped 4', 'exported 512']);
  });

  it('sends what waits when the process ends, once, and loses what is not taken then', async () => {
    sut.take(spans(2));
    await sut.close();
    expect([ended, clock.pending]).toEqual([['exported 2'], 0]);
    sut.take(spans(2));
    status = 503;
    await sut.close();
    expect([ended.slice(1), clock.pending]).toEqual([['dropped 2'], 0]);
  });
});
