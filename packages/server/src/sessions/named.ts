import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { PublicId } from '../config/public-id.ts';
import type { Transaction, Tx } from '../database/database.ts';
import { authenticatedAt, type Method, storeAuthentication } from './authentication.ts';
import type { Ends } from './ends.ts';
import type { SessionStore } from './store.ts';

const FRESH_FOR_MS = 10 * 60_000;

/** The account that a token names. */
export type Named = PublicId | undefined;

type Deps = {
  readonly store: SessionStore;
  readonly ends: Ends;
  readonly audit: Audit;
  readonly transaction: Transaction;
  readonly clock: Clock;
};

/** Operations on the session that a token names, before its owner is known. */
export const createNamedSessions = ({ store, ends, audit, transaction, clock }: Deps) => ({
  /** Ends the session of a token, which may have ended already. */
  async logOut(id: string, named: Named, by: Origin): Promise<void> {
    const session = await store.find(id);
    if (!session || session.owner.publicId !== named) return;
    const { userId } = session;
    const committed = await transaction((tx) => ends.one(tx, { id, userId }, 'logout', by));
    committed?.();
  },

  /** Audits that a session was looked at too often, perhaps to follow its rotations. */
  async notePolled(sessionId: string, by: Origin, knownUser?: number): Promise<void> {
    const userId = knownUser ?? (await store.find(sessionId))?.userId;
    await transaction((tx) => audit.record(tx, { event: 'session.polled', userId, sessionId, by }));
  },

  /** Whether the user of a session was authenticated so recently that no password is needed. */
  async isFresh(id: string | undefined): Promise<boolean> {
    const session = id === undefined ? undefined : await store.find(id);
    const isOpen = session?.endedAt === undefined && session?.isOfPresentSeries;
    const last = isOpen ? authenticatedAt(session) : undefined;
    return last !== undefined && Math.abs(clock.now() - last) < FRESH_FOR_MS;
  },

  /** Whether a session is open; if so, it stays open until the end of `tx`. */
  holdOpen: (tx: Tx, session: { readonly id: string; readonly userId: number }) =>
    store.holdOpen(tx, session),

  /** Records that the user of a session was authenticated again. @returns whether it was open */
  noteAuthentication: (
    tx: Tx,
    session: { readonly id: string; readonly userId: number },
    methods: readonly Method[],
  ): Promise<boolean> =>
    store.authenticate(tx, session, storeAuthentication({ at: clock.now(), methods })),
});
