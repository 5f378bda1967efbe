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
 * @throws {TypeError} when it is not HTTPS: whoever can change the answer can make tokens. This
 *   machine's own addresses are exempt
 */
export function issuerUrl(value: string | URL, option: string, allowInsecureHttp: boolean): URL {
  const url = URL.parse(String(value));
  if (!url) throw new TypeError(`"${option}" is not a URL`);
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

/** @throws {Error} whatever is wrong, in words that hold nothing the other side said */
export async function fetchJson(
  { fetch, timeoutMs, closed }: Remote,
  url: URL,
  maxBytes: number,
): Promise<{ readonly body: unknown; readonly headers: Headers }> {
  const signal = AbortSignal.any([closed, AbortSignal.timeout(timeoutMs)]);
  const response = await fetch(url, {
    redirect: 'error',
    headers: { accept: 'application/json' },
    signal,
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`${url.pathname} answered ${response.status}`);
  }
  const text = await readText(response, url, maxBytes);
  try {
    return { body: JSON.parse(text), headers: response.headers };
  } catch {
    throw new Error(`${url.pathname} did not answer with JSON`);
  }
}

async function readText(response: Response, url: URL, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    // Leaving the loop cancels the rest.
    if (size > maxBytes) throw new Error(`${url.pathname} answered more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
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
    timer.unref();
    signal.addEventListener('abort', done);
  });
}
