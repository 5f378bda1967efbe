/** Requests to the service itself: JSON in, JSON or a GatepassError out. */
import { attempt } from './environment.ts';
import { GatepassError, type GatepassErrorCode, hasCode, refusal } from './errors.ts';
import { deadline } from './limits.ts';

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

export type Calls = ReturnType<typeof createCalls>;

/** Milliseconds between tries of a request that is safe to repeat. */
const BACKOFF_MS = [300, 1000, 3000];
/** A service that asks for more patience than this many milliseconds gets its error shown. */
const MAX_WAIT_MS = 10_000;

type Extras = {
  /** Sends the request; `timed` when left out. */
  readonly send?: Fetch;
  /** The meaning of a 401 here. */
  readonly denied?: GatepassErrorCode;
} & Pick<RequestInit, 'credentials' | 'keepalive'>;

/** @param timeout milliseconds a whole answer may take */
export function createCalls(url: string, fetch: Fetch, timeout: number) {
  /** `fetch` with the time limit. */
  const timed: Fetch = (input, init) => fetch(input, { ...init, signal: deadline(timeout) });

  /**
   * @returns the parsed body; `undefined` when it is empty or no JSON
   * @throws {GatepassError}
   */
  async function call(method: string, path: string, body?: object, extras: Extras = {}) {
    const { send = timed, denied = 'unexpected', ...init } = extras;
    let response: Response;
    let text: string;
    try {
      response = await send(url + path, {
        ...init,
        method,
        ...(body && {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      });
      text = await response.text();
    } catch (cause) {
      if (cause instanceof GatepassError) throw cause;
      // Nothing else aborts these requests.
      const isTimeout = /^(Timeout|Abort)Error$/.test(Object(cause).name);
      throw new GatepassError(isTimeout ? 'timeout' : 'network', { cause });
    }
    const answer: unknown = attempt(() => JSON.parse(text));
    if (!response.ok) throw refusal(response, answer, denied);
    return answer;
  }

  return { timed, call };
}

/**
 * Repeats a request whose answer was lost, or that the service could not serve, a few times.
 *
 * @throws {GatepassError} the last one
 */
export async function persist<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const delay = BACKOFF_MS[tries];
      if (!delay || !hasCode(error, 'network', 'timeout', 'rate_limited', 'unavailable'))
        throw error;
      const wait = Math.max(delay, (error.retryAfter ?? 0) * 1000);
      if (wait > MAX_WAIT_MS) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}
