/** Waiting that ends: for a deadline, or because a caller has lost interest. */

/** A signal that aborts after so many milliseconds, also where `AbortSignal.timeout` is missing (React Native). */
export function deadline(milliseconds: number): AbortSignal {
  if (AbortSignal.timeout) return AbortSignal.timeout(milliseconds);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), milliseconds);
  return controller.signal;
}

/**
 * What `work` comes to, or a rejection as soon as the signal aborts. `work` itself goes on: others
 * may wait for the same refresh.
 */
export function unlessAborted<T>(
  signal: AbortSignal | null | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (!signal) return work();
  return new Promise((resolve, reject) => {
    const abort = () =>
      // React Native knows no reason.
      reject(signal.reason ?? Object.assign(new Error('aborted'), { name: 'AbortError' }));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort);
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort));
  });
}
