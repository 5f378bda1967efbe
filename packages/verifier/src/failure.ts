/** Failures of requests to the issuer, in words for the log of an operator. */

/**
 * An error that says where a request went and why it failed; an error that says it already stays as
 * it is. Codes are preferred to messages, because a message may quote what the other side said.
 */
export function failureOf({ origin, pathname }: URL, error: unknown): Error {
  const where = origin + pathname;
  if (error instanceof Error && error.message.includes(where)) return error;
  return new Error(`${where} failed: ${reasonOf(error)}`, { cause: error });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  // `fetch failed` says nothing: its cause does.
  if (error.cause instanceof Error) return reasonOf(error.cause);
  if (error instanceof SyntaxError) return 'the response is not JSON';
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : error.message || error.name;
}

const REPEAT_MS = 300_000;
const MAX_SENTENCES = 100;

/** A callback that hears the same sentence at most once in five minutes: an outage fails many requests. */
export function seldom(tell: (error: Error) => void): (error: Error) => void {
  const told = new Map<string, number>();
  return (error) => {
    const now = performance.now();
    if (now - (told.get(error.message) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) return;
    if (told.size >= MAX_SENTENCES) told.clear();
    told.set(error.message, now);
    // What the callback throws is its own fault and must not stop what called it.
    queueMicrotask(() => tell(error));
  };
}
