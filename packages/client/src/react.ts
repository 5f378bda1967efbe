/**
 * `@gatepass/client/react`: the login in React components. React is a peer of at least 18; an entry of
 * its own, so that other pages do not load it. On a server it renders what nothing is known of yet, or
 * the user it is given; it sends no request and keeps nothing there.
 */
import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import type { Client, User } from './api.ts';

/** `loading` until the client knows whether there is a login. */
export type SessionStatus = 'loading' | 'logged_in' | 'logged_out';

/** The account, as far as it is known, and the failure of the last request for it. */
export type UserState = {
  readonly user?: User | undefined;
  /** A `GatepassError`, as of `client.user`; `undefined` if the request succeeded or none was sent. */
  readonly error?: unknown;
};

type Snapshot = UserState & { readonly status: SessionStatus };

type Store = {
  readonly client: Client;
  subscribe(notify: () => void): () => void;
  read(): Snapshot;
  readonly first: Snapshot;
  reload(): Promise<void>;
};

function createStore(client: Client, user: User | undefined): Store {
  const listeners = new Set<() => void>();
  const first: Snapshot = user ? { status: 'logged_in', user } : { status: 'loading' };
  let snapshot = first;
  let stop: (() => void) | undefined;
  let asked = 0;

  function show(next: Snapshot): void {
    snapshot = next;
    for (const notify of listeners) notify();
  }

  /** A response that comes after a logout or another login is shown to no user. */
  async function reload(): Promise<void> {
    const id = ++asked;
    const state = await client.user().then(
      (user): UserState => ({ user }),
      (error: unknown): UserState => ({ ...(snapshot.user && { user: snapshot.user }), error }),
    );
    if (id === asked && client.isLoggedIn) show({ status: 'logged_in', ...state });
  }

  function follow(isLoggedIn: boolean): void {
    asked++;
    show({ status: isLoggedIn ? 'logged_in' : 'logged_out' });
    if (isLoggedIn) void reload();
  }

  return {
    client,
    first,
    reload,
    read: () => snapshot,
    subscribe(notify) {
      listeners.add(notify);
      if (!stop) {
        let isTold = false;
        const unlisten = client.onChange((isLoggedIn) => {
          isTold = true;
          follow(isLoggedIn);
        });
        stop = unlisten;
        void client.ready.then(() => {
          if (stop !== unlisten || isTold) return;
          if (client.isLoggedIn && snapshot.user) void reload();
          else follow(client.isLoggedIn);
        });
      }
      return () => {
        listeners.delete(notify);
        if (listeners.size) return;
        stop?.();
        stop = undefined;
      };
    },
  };
}

const Context = createContext<Store | undefined>(undefined);

/**
 * Gives the components below it a client.
 *
 * @param props.client one per page, from `createClient`
 * @param props.user from a server that rendered the page for this user: shown until the client knows more;
 *   a later change of it has no effect
 * @example
 * const app = createElement(GatepassProvider, { client }, createElement('h1', null, 'Orders'));
 * console.log(renderToString(app)); // <h1>Orders</h1>
 */
export function GatepassProvider(props: {
  readonly client: Client;
  readonly user?: User | undefined;
  readonly children?: ReactNode;
}): ReactElement {
  const { client, user, children } = props;
  // The user of a server is the first state only.
  const [first] = useState(user);
  const store = useMemo(() => createStore(client, first), [client, first]);
  return createElement(Context.Provider, { value: store }, children);
}

function useStore(): [Store, Snapshot] {
  const store = useContext(Context);
  if (!store) throw new Error('useSession and useUser need a GatepassProvider above them');
  return [store, useSyncExternalStore(store.subscribe, store.read, () => store.first)];
}

/**
 * Whether there is a login, and the client to log in or out with.
 *
 * @throws {Error} without a `GatepassProvider` above
 * @example
 * const Status = () => createElement('p', null, useSession().status);
 * console.log(renderToString(createElement(GatepassProvider, { client }, createElement(Status))));
 */
export function useSession(): { readonly status: SessionStatus; readonly client: Client } {
  const [{ client }, { status }] = useStore();
  return { status, client };
}

/**
 * The account that is logged in; `reload` requests it again and never rejects: see `error`.
 *
 * @throws {Error} without a `GatepassProvider` above
 * @example
 * const Email = () => createElement('p', null, useUser().user?.email ?? 'not logged in');
 * console.log(renderToString(createElement(GatepassProvider, { client }, createElement(Email))));
 */
export function useUser(): UserState & { readonly reload: () => Promise<void> } {
  const [{ reload }, { user, error }] = useStore();
  return { user, error, reload };
}
