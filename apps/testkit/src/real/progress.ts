import { setTimeout as delay } from 'node:timers/promises';
import { RookeryError, SECOND } from '@rookery/protocol';

/** What the processes say of themselves at one moment. */
export interface Figures {
  /** Events that the connector has read from NapCat and handed on. */
  readonly read: number;
  /** Of those, the ones that this worker is done with. */
  readonly settled: number;
  /** Actions that this worker has put into the queues. */
  readonly asked: number;
  /** Actions that have ended, of all workers so far. */
  readonly ended: number;
  /** Events that wait or are being handled. */
  readonly backlog: number;
  readonly online: number;
  readonly questions: number;
  /** Handlings of plugins that failed. */
  readonly failures: number;
  readonly workerReady: boolean;
  /** What plugins count: name → sum. */
  readonly counts: ReadonlyMap<string, number>;
}

const LOOK_MS = 25;
/** A take-over after a kill takes as long as leases last; the rest is for machines that do much else. */
const PATIENCE_MS = 120 * SECOND;

/** Reads the metrics that operators read. */
export async function look(http: { readonly connector: string; readonly worker: string }): Promise<Figures> {
  const [connector, worker, ready] = await Promise.all([
    text(`${http.connector}/metrics`),
    text(`${http.worker}/metrics`),
    fetch(`${http.worker}/readyz`).then(({ ok }) => ok),
  ]);
  const counts = new Map<string, number>();
  for (const { labels, value } of series(worker, 'rookery_plugin_events_total')) {
    const name = /name="([^"]*)"/.exec(labels)?.[1] ?? '';
    counts.set(name, (counts.get(name) ?? 0) + value);
  }
  return {
    read: sum(connector, 'rookery_events_total', (labels) => !labels.includes('type="meta"')),
    settled: sum(worker, 'rookery_events_settled_total'),
    asked: sum(worker, 'rookery_actions_asked_total'),
    ended: sum(connector, 'rookery_actions_total'),
    backlog: sum(worker, 'rookery_conversation_backlog'),
    online: sum(connector, 'rookery_accounts', (labels) => labels.includes('state="online"')),
    questions: sum(worker, 'rookery_questions_open'),
    failures: sum(worker, 'rookery_handler_failures_total'),
    workerReady: ready,
    counts,
  };
}

/** Resolves with the figures of which `isSo` has held twice in a row; rejects, saying what was waited for, when it never does. */
export async function until(
  what: string,
  read: () => Promise<Figures>,
  isSo: (now: Figures) => boolean,
): Promise<Figures> {
  const deadline = performance.now() + PATIENCE_MS;
  let last = '';
  for (;;) {
    const now = await read();
    const seen = JSON.stringify(now);
    if (isSo(now) && seen === last) return now;
    last = seen;
    if (performance.now() > deadline) {
      throw new RookeryError(
        'INTERNAL',
        `the real fleet did not come to this in ${PATIENCE_MS / SECOND} s: ${what}; ${seen}`,
      );
    }
    await delay(LOOK_MS);
  }
}

async function text(url: string): Promise<string> {
  return await (await fetch(url)).text();
}

/** Lines of a metric in Prometheus' text form. */
function series(exposition: string, name: string): readonly { readonly labels: string; readonly value: number }[] {
  return exposition.split('\n').flatMap((line) => {
    if (!line.startsWith(`${name}{`) && !line.startsWith(`${name} `)) return [];
    const at = line.lastIndexOf(' ');
    return [{ labels: line.slice(name.length, at), value: Number(line.slice(at + 1)) }];
  });
}

function sum(exposition: string, name: string, counts: (labels: string) => boolean = () => true): number {
  return series(exposition, name).reduce((total, { labels, value }) => total + (counts(labels) ? value : 0), 0);
}
