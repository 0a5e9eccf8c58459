/**
 * Preloaded into every process of the soak: `{ type: 'probe' }` over IPC is answered with what it holds after a collection. With
 * `snapshot`, a path, what is on the heap is written there.
 */
import { writeHeapSnapshot } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.on('message', ({ type, snapshot }) => {
    if (type !== 'probe') return;
    global.gc();
    const { heapUsed, external } = process.memoryUsage();
    const handles = {};
    for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
    if (snapshot !== undefined) writeHeapSnapshot(snapshot);
    process.send({ type: 'probed', heapUsed, external, handles });
  });
}
