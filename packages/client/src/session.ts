/**
 * The login as this tab knows it: reads and writes the storage, hears and tells the other tabs,
 * calls the listeners. Owns who may replace whose tokens; knows nothing of HTTP.
 */
import type { Store } from './storage.ts';
import { connectTabs, type Message } from './tabs.ts';
import { parseTokens, sessionIdOf, type Tokens } from './tokens.ts';

/** `login` also when another account takes over; `session_ended` when the service refused to go on. */
export type ChangeReason = 'login' | 'logout' | 'session_ended';
export type ChangeListener = (isLoggedIn: boolean, reason: ChangeReason) => void;

/** Milliseconds that other tabs have to answer. */
const ANSWER_MS = 50;

export type SessionHolder = ReturnType<typeof createSessionHolder>;

export function createSessionHolder(store: Store, channel: string | false) {
  const listeners = new Set<ChangeListener>();
  const tabs = connectTabs(channel, hear);
  let known: Tokens | undefined;
  // A read that began before a write ended has nothing to say.
  let writes = 0;
  let writing = 0;
  let isAsking = false;
  // Why the storage is about to change.
  let heard: Message['kind'] | undefined;
  let answered = () => {};
  const unwatch = store.watch(() => void read());

  function learn(tokens: Tokens | undefined, kind = heard): void {
    const before = known;
    known = tokens;
    if (!before === !tokens && sessionIdOf(before) === sessionIdOf(tokens)) return;
    heard = undefined;
    isAsking = false;
    answered();
    const reason = tokens ? 'login' : kind === 'session_ended' ? kind : 'logout';
    // A listener that throws is an uncaught error, not a failed login.
    for (const listener of listeners) queueMicrotask(() => listener(!!tokens, reason));
  }

  function read(): Tokens | undefined | Promise<Tokens | undefined> {
    const seen = writes;
    const settle = (text: string | null | undefined) => {
      if (seen === writes && !writing) learn(parseTokens(text));
      return known;
    };
    const text = store.get();
    return typeof text === 'object' && text ? text.then(settle) : settle(text);
  }

  async function write(tokens: Tokens | undefined, kind: Message['kind']): Promise<void> {
    writes++;
    writing++;
    learn(tokens, kind);
    try {
      await store.put(tokens && JSON.stringify(tokens));
    } finally {
      writing--;
    }
  }

  function hear({ kind, tokens, sid }: Message): void {
    if (kind === 'ask') {
      if (known && !store.isShared()) tabs.post({ kind: 'tell', tokens: known });
    } else if (store.isShared() && !tokens) {
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
    if (store.isShared() || !tabs.isConnected()) return;
    isAsking = true;
    tabs.post({ kind: 'ask' });
    await new Promise<void>((resolve) => {
      answered = resolve;
      setTimeout(resolve, ANSWER_MS);
    });
  }

  // A new tab is logged in when another one is.
  const ready = read() ? undefined : catchUp();

  return {
    /** The tokens as they are now, whoever wrote them last. */
    async read(): Promise<Tokens | undefined> {
      await ready;
      return read();
    },

    catchUp,

    exclusively: tabs.exclusively,

    isLoggedIn: () => known !== undefined,

    async save(tokens: Tokens, kind: 'login' | 'refresh'): Promise<void> {
      await write(tokens, kind);
      tabs.post({ kind, tokens: store.isShared() ? undefined : tokens });
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
      unwatch();
      tabs.close();
    },
  };
}
