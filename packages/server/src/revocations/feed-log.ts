import { hash } from 'node:crypto';
import { systemTimers, type Timers } from '../clock.ts';
import type { Revocation } from './revocation.ts';
import type { Revocations } from './revocations.ts';

/** A revocation in its public form. */
export type Entry = { readonly seq: number; readonly json: string };

export type FeedLog = ReturnType<typeof createFeedLog>;

type Deps = {
  readonly revocations: Pick<Revocations, 'listen' | 'newest' | 'isSuperseded'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Whether resource servers may get tokens without a session, and so need revocations of users. */
  readonly publishUsers: boolean;
  readonly timers?: Timers | undefined;
};

/** The most entries of a page. */
const PAGE = 1000;
// A page has 150 KB at most, so 3 MB of pages and 3 MB of entries.
const MAX_TEXTS = 20_000;
const MAX_PAGES = 16;
const PAGE_LIVES_MS = 1000;
const SWEEP_MS = 60_000;

/**
 * The revocations in order, as the feed shows them: kept in memory, so that requests for the feed do
 * not read the database, and serialised once for all readers.
 */
export function createFeedLog(deps: Deps) {
  const { revocations, now, publishUsers, timers = systemTimers } = deps;
  let log: Revocation[] = [];
  let isToBeSwept = false;
  const texts = new Map<number, string>();
  const pages = new Map<number, { newest: number; madeAt: number; json: string }>();

  const isVisible = (revocation: Revocation): boolean =>
    revocation.expiresAt > now() &&
    (publishUsers || revocation.kind !== 'user') &&
    !revocations.isSuperseded(revocation);

  function append(news: readonly Revocation[], isKnown = false): void {
    for (const revocation of news) log.push(revocation);
    if (isKnown) log = inOrder(log);
    if (!isToBeSwept) timers.after(SWEEP_MS, sweep);
    isToBeSwept = true;
  }

  function sweep(): void {
    const alive = now();
    log = log.filter(({ expiresAt }) => expiresAt > alive);
    isToBeSwept = log.length > 0;
    if (isToBeSwept) timers.after(SWEEP_MS, sweep);
  }
  revocations.listen(append);

  function textOf(revocation: Revocation): string {
    const known = texts.get(revocation.seq);
    if (known !== undefined) return known;
    const text = JSON.stringify(publicView(revocation));
    texts.set(revocation.seq, text);
    const [oldest] = texts.keys();
    if (texts.size > MAX_TEXTS && oldest !== undefined) texts.delete(oldest);
    return text;
  }

  /** The index of the first revocation above `seq`. */
  function placeAfter(seq: number): number {
    let [low, high] = [0, log.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((log[middle]?.seq ?? 0) > seq) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  function entriesAfter(seq: number): Entry[] {
    const entries: Entry[] = [];
    for (let i = placeAfter(seq); i < log.length && entries.length < PAGE; i++) {
      const revocation = log[i];
      if (revocation && isVisible(revocation))
        entries.push({ seq: revocation.seq, json: textOf(revocation) });
    }
    return entries;
  }

  function serialise(after: number, newest: number): string {
    const entries = after > newest ? [] : entriesAfter(after);
    const next = entries.length === PAGE ? entries.at(-1)?.seq : newest;
    return `{"revocations":[${entries.map(({ json }) => json).join(',')}],"next":${next}}`;
  }

  return {
    newest: revocations.newest,

    /** Up to a thousand entries above `seq`, oldest first. */
    entriesAfter,

    /**
     * The same as the JSON of a page. A number above the newest means that the reader knew another
     * database.
     */
    page(after: number): string {
      const newest = revocations.newest();
      const known = pages.get(after);
      if (known?.newest === newest && now() - known.madeAt < PAGE_LIVES_MS) return known.json;
      const json = serialise(after, newest);
      pages.delete(after);
      pages.set(after, { newest, madeAt: now(), json });
      const [oldest] = pages.keys();
      if (pages.size > MAX_PAGES && oldest !== undefined) pages.delete(oldest);
      return json;
    },
  };
}

/** Sorted by number, without duplicates. */
const inOrder = (log: readonly Revocation[]): Revocation[] =>
  [...new Map(log.map((revocation) => [revocation.seq, revocation])).values()].toSorted(
    (a, b) => a.seq - b.seq,
  );

const sha256 = (text: string) => hash('sha256', text, 'base64url');

/** Names no account: subjects are hashes (docs/decisions/013, 052). */
function publicView(revocation: Revocation): object {
  const { seq, kind, subject, issuedBefore, series, kept, claimsVersion, expiresAt } = revocation;
  const expires_at = Math.ceil(expiresAt / 1000);
  const times = { issued_before: issuedBefore, expires_at };
  if (kind === 'all') return { seq, all: true, ...times };
  if (kind === 'user') return { seq, user: sha256(subject), ...times };
  const session = sha256(subject);
  if (kind === 'session') return { seq, session, expires_at };
  // A reader that knows only sessions sees the id of a session that no token names.
  if (kind === 'claims') return { seq, session, claims: claimsVersion, expires_at };
  return { seq, session, series, ...(kept && { kept: sha256(kept) }), ...times };
}
