import { failureOf } from './failure.ts';

/** One bounded request to the issuer: HTTPS, no redirect, so many seconds, so many bytes. */

export type Remote = {
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
  /** Aborts when the verifier is closed. */
  readonly closed: AbortSignal;
};

/**
 * The URL of an issuer.
 *
 * @throws {TypeError} when it is not HTTPS: an attacker who can change the response can make tokens.
 *   This machine's own addresses are exempt
 */
export function issuerUrl(value: string | URL, option: string, allowInsecureHttp: boolean): URL {
  if (!URL.canParse(String(value))) throw new TypeError(`"${option}" is not a URL`);
  const url = new URL(value);
  if (url.username || url.password) throw new TypeError(`"${option}" holds a password`);
  const isSecure = url.protocol === 'https:';
  const isAllowed = url.protocol === 'http:' && (allowInsecureHttp || isLoopback(url.hostname));
  if (!isSecure && !isAllowed) {
    throw new TypeError(`"${option}" must be https: (or set "allowInsecureHttp")`);
  }
  return url;
}

// The URL parser has already brought every spelling of an address into its canonical one.
const isLoopback = (host: string) =>
  host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);

/** @throws {Error} with the URL and the reason, in words that hold nothing the other side said */
export async function fetchJson(
  remote: Remote,
  url: URL,
  maxBytes: number,
): Promise<{ readonly body: unknown; readonly headers: Headers }> {
  try {
    return await request(remote, url, maxBytes);
  } catch (error) {
    throw failureOf(url, error);
  }
}

async function request({ fetch, timeoutMs, closed }: Remote, url: URL, maxBytes: number) {
  const signal = AbortSignal.any([closed, AbortSignal.timeout(timeoutMs)]);
  const response = await fetch(url, {
    // Not followed: whatever is no 200 is refused below. Workers do not know 'error'.
    redirect: 'manual',
    headers: { accept: 'application/json' },
    signal,
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`answered ${response.status || 'with a redirect'}`);
  }
  const text = await readText(response, maxBytes);
  try {
    return { body: JSON.parse(text) as unknown, headers: response.headers };
  } catch {
    throw new Error('the response is not JSON');
  }
}

async function readText(response: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    // Leaving the loop cancels the rest.
    if (size > maxBytes) throw new Error(`the response has more than ${maxBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Waits without keeping the process alive; ends early, without an error, when `signal` aborts. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    // A number in Workers, where no process waits for it.
    if (typeof timer === 'object') timer.unref();
    signal.addEventListener('abort', done);
  });
}
