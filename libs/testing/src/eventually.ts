/**
 * Waits until something has come true, looking again whenever the event loop has done its work; throws after 4 s of real
 * time, before Jest's own limit hides what was waited for. For what sockets and threads bring about, while a {@link FakeClock} stands still.
 */
export async function eventually(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 4000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`within 4 s it did not come true: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
