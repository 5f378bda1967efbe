import { UnavailableError } from './errors.ts';
import { readEvents } from './event-stream.ts';
import { fetchJson, pause, type Remote } from './remote.ts';
import { readRevocation } from './revocation.ts';
import { createRevocationList } from './revocation-list.ts';

/**
 * Follows an issuer's revocation feed. Its stream brings news at once; asking again and again heals
 * whatever a stream may lose, notices within seconds that the server is gone, and takes over
 * where there is no stream (a proxy in between holds it back).
 */
export type RevocationFeed = ReturnType<typeof createRevocationFeed>;

type Deps = {
  remote: Remote;
  url: URL;
  maxStalenessMs: number;
  maxRevocations: number;
  /** Epoch seconds. */
  now: () => number;
  onError: (error: Error) => void;
};

const ASK_BESIDE_STREAM_MS = 5000;
const ASK_WITHOUT_STREAM_MS = 500;
const MAX_RETRY_MS = 5000;
const STREAM_RETRY_MS = 2000;
// The service sends a sign of life every 15 s.
const SILENT_STREAM_MS = 40_000;
// 1000 entries of at most 150 bytes.
const MAX_PAGE_BYTES = 512 * 1024;
const MAX_PAGES = 10_000;

export function createRevocationFeed(deps: Deps) {
  const { remote, url, maxStalenessMs, maxRevocations, now, onError } = deps;
  const { closed } = remote;
  const list = createRevocationList(maxRevocations);
  let cursor = 0;
  let isStreaming = false;
  let heardAt = Number.NEGATIVE_INFINITY;
  let lastError: Error | undefined;
  let failures = 0;
  let firstAnswer: Promise<void> | undefined;

  function remember(entry: unknown): void {
    const before = list.line();
    list.add(readRevocation(entry), now());
    if (before === 0 && list.line() > 0)
      onError(new Error('More revocations than there is memory for: older tokens are refused'));
  }

  async function readPages(): Promise<void> {
    for (let pages = 0; pages < MAX_PAGES; pages++) {
      const page = new URL(url);
      page.searchParams.set('after', String(cursor));
      const { body } = await fetchJson(remote, page, MAX_PAGE_BYTES);
      const { revocations, next } = readPage(body);
      for (const entry of revocations) remember(entry);
      const hasMore = next !== cursor;
      // Below: the issuer's database is another one, or an older one. Known revocations stay.
      cursor = next < cursor ? 0 : next;
      if (!hasMore) return;
    }
    throw new Error('The feed does not come to an end');
  }

  async function ask(): Promise<void> {
    const askedAt = performance.now();
    try {
      list.forgetExpired(now());
      await readPages();
      heardAt = askedAt;
      lastError = undefined;
      failures = 0;
    } catch (error) {
      if (closed.aborted) return;
      lastError = error instanceof Error ? error : new Error('fetch failed');
      failures += 1;
      onError(lastError);
    }
  }

  async function keepAsking(): Promise<void> {
    while (!closed.aborted) {
      const wait = isStreaming ? ASK_BESIDE_STREAM_MS : ASK_WITHOUT_STREAM_MS;
      await pause(Math.min(wait * 2 ** Math.min(failures, 8), MAX_RETRY_MS), closed);
      if (!closed.aborted) await ask();
    }
  }

  async function readStream(): Promise<void> {
    const stream = new URL(`${url.pathname.replace(/\/$/, '')}/stream?after=${cursor}`, url);
    const silent = new AbortController();
    const timer = setTimeout(() => silent.abort(), SILENT_STREAM_MS);
    timer.unref();
    try {
      const response = await remote.fetch(stream, {
        redirect: 'manual',
        headers: { accept: 'text/event-stream' },
        signal: AbortSignal.any([closed, silent.signal]),
      });
      if (response.status !== 200 || !response.body) {
        await response.body?.cancel();
        throw new Error(`${stream.pathname} answered ${response.status}`);
      }
      for await (const data of readEvents(response.body)) {
        isStreaming = true;
        timer.refresh();
        if (data !== '') remember(JSON.parse(data));
      }
    } finally {
      clearTimeout(timer);
      isStreaming = false;
    }
  }

  async function keepStreaming(): Promise<void> {
    while (!closed.aborted) {
      await readStream().catch((error: unknown) => {
        if (!closed.aborted) onError(error instanceof Error ? error : new Error('stream failed'));
      });
      await pause(STREAM_RETRY_MS * (0.5 + Math.random()), closed);
    }
  }

  const staleness = () => performance.now() - heardAt;
  const isStale = () => staleness() > maxStalenessMs;

  return {
    /** Reads what is there, then follows until closed. */
    start(): void {
      firstAnswer = ask();
      firstAnswer.then(() => Promise.all([keepAsking(), keepStreaming()])).catch(onError);
    },

    isStale,

    /**
     * Waits for the first answer, and for no other: tokens must not cause requests.
     *
     * @throws {UnavailableError} `revocations_unavailable`
     */
    async demand(): Promise<void> {
      await firstAnswer;
      if (isStale()) throw new UnavailableError('revocations_unavailable', lastError);
    },

    cutoff: list.cutoff,

    isSessionRevoked: list.isSessionRevoked,

    isAccountEnded: list.isAccountEnded,

    areClaimsStale: list.areClaimsStale,

    userCutoff: list.userCutoff,

    status: () => ({
      /** Seconds: everything the issuer knew so long ago is known here. */
      staleness: staleness() / 1000,
      isStale: isStale(),
      isStreaming,
      size: list.size(),
      /** How many of them are kept in less memory, because there are more than `maxRevocations`. */
      folded: list.foldedSize(),
      /** Epoch seconds: tokens issued before are refused, because there are too many even so; or 0. */
      refusesBefore: list.line(),
      error: lastError?.message,
    }),
  };
}

function readPage(body: unknown): { revocations: unknown[]; next: number } {
  if (typeof body === 'object' && body !== null && 'revocations' in body && 'next' in body) {
    const { revocations, next } = body;
    if (Array.isArray(revocations) && Number.isSafeInteger(next)) {
      return { revocations, next: Number(next) };
    }
  }
  throw new Error('The answer is no page of a revocation feed');
}
