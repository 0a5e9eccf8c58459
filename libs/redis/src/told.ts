/** Who waits for the answer to an entry of a call. */
export interface Told<R> {
  readonly resolve: (answer: R | Promise<R>) => void;
  readonly reject: (thrown: unknown) => void;
}

/** Tells each what `call` answers at its place, or why its entry was refused; all of them why the call failed. Never rejects. */
export async function tellEach<R>(
  told: readonly Told<R>[],
  call: () => Promise<readonly (R | Promise<R> | Error)[]>,
): Promise<void> {
  try {
    const answers = await call();
    told.forEach(({ resolve, reject }, at) => {
      const answer = answers[at] as R | Promise<R> | Error;
      if (answer instanceof Error) reject(answer);
      else resolve(answer);
    });
  } catch (thrown) {
    for (const { reject } of told) reject(thrown);
  }
}
