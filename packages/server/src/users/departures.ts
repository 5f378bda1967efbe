import type { Tx } from '../database/database.ts';
import type { UserStore } from './store.ts';
import type { Account } from './user.ts';

export type Departures = ReturnType<typeof createDepartures>;

const PAGE = 1000;

/** Accounts for another service, as one transaction sees them. */
export const createDepartures = (store: UserStore) => ({
  count: (tx: Tx): Promise<number> => store.countAll(tx),

  /** Those of a range of ids that came from another service with these ids. */
  knownElsewhere: store.knownElsewhere,

  /** How many came from another service with ids that are not its primary keys. */
  countOtherKeys: store.countOtherKeys,

  /** All of them in the order of their ids. */
  async *pages(tx: Tx): AsyncGenerator<readonly Account[]> {
    for (let after = 0; ; ) {
      const page = await store.page({ after, size: PAGE }, tx);
      if (page.length > 0) yield page;
      if (page.length < PAGE) return;
      after = page.at(-1)?.id ?? after;
    }
  },
});
