/**
 * The login as this tab knows it: reads and writes the storage, hears and tells the other tabs,
 * calls the listeners. Owns who may replace whose tokens; knows nothing of HTTP.
 */
import { environment } from './environment.ts';
import { type Awaitable, openStorage, type StorageKind } from './storage.ts';
import { connectTabs, type Message } from './tabs.ts';
import { parseTokens, sessionIdOf, type Tokens } from './tokens.ts';

/** `login` also when another account logs in; `session_ended` when the service refused the refresh token. */
export type ChangeReason = 'login' | 'logout' | 'session_ended';
/** Called in a microtask after each change. An error that it throws is uncaught. */
export type ChangeListener = (isLoggedIn: boolean, reason: ChangeReason) => void;

/** Milliseconds that other tabs have to answer. */
const ANSWER_MS = 50;

export type SessionHolder = ReturnType<typeof createSessionHolder>;

export function createSessionHolder(kind: StorageKind, key: string, channel: string | false) {
  const listeners = new Set<ChangeListener>();
  const tabs = connectTabs(channel, hear);
  const storage = openStorage(kind);
  // Not after it failed to write: then the login continues in memory, until the page is left.
  let isInUse = !!storage;
  let isWarned = false;
  let known: Tokens | undefined;
  // A read that began before a write ended has nothing to say.
  let writes = 0;
  let writing = 0;
  let isAsking = false;
  // Why the storage is about to change.
  let heard: Message['kind'] | undefined;
  let answered = () => {};

  /** Whether other tabs read the same entry. A duplicated tab has a copy of its sessionStorage. */
  const isShared = () => isInUse && kind !== 'session';

  function learn(tokens: Tokens | undefined, cause = heard): void {
    const before = known;
    known = tokens;
    if (!before === !tokens && sessionIdOf(before) === sessionIdOf(tokens)) return;
    heard = undefined;
    isAsking = false;
    answered();
    const reason = tokens ? 'login' : cause === 'session_ended' ? cause : 'logout';
    // A listener that throws is an uncaught error, not a failed login.
    for (const listener of listeners) queueMicrotask(() => listener(!!tokens, reason));
  }

  function failed(error: unknown): Tokens | undefined {
    if (!isWarned) environment.console?.warn(`Gatepass: storage failed: ${Object(error).name}`);
    isWarned = true;
    return known;
  }

  /** Acts at once where it can: a page asks `isLoggedIn` right after it made the client. */
  function read(): Awaitable<Tokens | undefined> {
    const seen = writes;
    const settle = (text: string | null | undefined) => {
      if (isInUse && seen === writes && !writing) learn(parseTokens(text));
      return known;
    };
    try {
      const text = isInUse ? storage?.get(key) : undefined;
      return typeof text === 'object' && text ? text.then(settle, failed) : settle(text);
    } catch (error) {
      return failed(error);
    }
  }

  async function write(tokens: Tokens | undefined, cause: Message['kind']): Promise<void> {
    writes++;
    writing++;
    learn(tokens, cause);
    try {
      if (tokens && isInUse) await storage?.set(key, JSON.stringify(tokens));
      // An old refresh token that stays would be used by other tabs or after a reload, and look stolen.
      else await storage?.remove(key);
    } catch (error) {
      failed(error);
      if (tokens && isInUse) {
        isInUse = false;
        await write(tokens, cause);
      }
    }
    writing--;
  }

  function hear({ kind, tokens, sid }: Message): void {
    if (kind === 'ask') {
      if (known && !isShared()) tabs.post({ kind: 'tell', tokens: known });
    } else if (isShared() && !tokens) {
      heard = kind;
      void read();
    } else if (tokens) {
      const isNewer = known
        ? sessionIdOf(known) === sessionIdOf(tokens) && tokens.at > known.at
        : kind === 'tell' && isAsking;
      if (kind !== 'login' && !isNewer) return;
      void write(tokens, kind);
      answered();
    } else if (known && sid === sessionIdOf(known)) {
      void write(undefined, kind);
    }
  }

  /** Asks the other tabs for newer tokens: this one may have slept through a refresh of theirs. */
  async function catchUp(): Promise<void> {
    if (isShared() || !channel) return;
    isAsking = true;
    tabs.post({ kind: 'ask' });
    await new Promise<void>((resolve) => {
      answered = resolve;
      setTimeout(resolve, ANSWER_MS);
    });
  }

  // Each process of a browser has a copy of localStorage that lags behind: after a message of another
  // tab, one may still read what was there before. This event is never early.
  environment.addEventListener?.('storage', read);
  // A new tab is logged in when another one is. With a cookie the first refresh asks.
  const ready = read() || kind === 'cookie' ? undefined : catchUp();

  return {
    /** The current tokens, whichever tab wrote them. */
    async read(): Promise<Tokens | undefined> {
      await ready;
      return read();
    },

    catchUp,

    inTurn: tabs.inTurn,

    /** Whether neither this tab nor another has said yet if there is a login. */
    isNew: () => !writes,

    isLoggedIn: () => !!known,

    async save(tokens: Tokens, kind: 'login' | 'refresh' | 'tell'): Promise<void> {
      await write(tokens, kind);
      tabs.post({ kind, tokens: isShared() ? undefined : tokens });
    },

    async clear(kind: 'logout' | 'session_ended'): Promise<void> {
      const sid = sessionIdOf(known);
      await write(undefined, kind);
      tabs.post({ kind, sid });
    },

    listen(listener: ChangeListener): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    close(): void {
      environment.removeEventListener?.('storage', read);
      tabs.close();
    },
  };
}
