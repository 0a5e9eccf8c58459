/**
 * Host: where the handlers of a plugin run. Each plugin has a thread of its own, with a memory limit and an empty environment;
 * a handler that blocks, leaks or exits costs that thread, which is started again, and never the thread that renews locks and
 * leases. Promises: a call ends at its deadline plus 100 ms, whatever its handler does. A thread is a bulkhead, not a wall
 * against malice. May import no other stage of the worker.
 */
export { InProcessHost } from './in-process-host';
export { loadPlugin, readManifest } from './load-plugin';
export type { MediaSettings } from './media-settings';
export { offerOwnKit } from './own-kit';
export type { PluginHost, PluginSource } from './plugin-host';
export { ThreadHost } from './thread/thread-host';
