/**
 * Exports accounts and their authenticator apps to Django. Owns the content of the file; does not own
 * the tables behind it, nor the file. Imported by services.ts and the CLI.
 */
import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { OpenDatabase } from '../database/database.ts';
import type { AppDepartures } from '../mfa/app-departures.ts';
import type { Departures } from '../users/departures.ts';
import { accountEntry, appEntry, codesEntry, endEntry } from './django-entries.ts';

export type Exported = {
  readonly accounts: number;
  readonly apps: number;
  /** Accounts whose second factors are passkeys alone, which Django cannot store. */
  readonly passkeysAlone: number;
};

/** Accounts have ids that are not Django's primary keys, so the file would name other users there. */
export class OtherKeysError extends Error {
  override name = 'OtherKeysError';
  readonly accounts: number;

  constructor(accounts: number) {
    super(`${accounts} accounts have ids that are not primary keys`);
    this.accounts = accounts;
  }
}

type Deps = {
  readonly departures: Departures;
  readonly appDepartures: AppDepartures;
  readonly audit: Audit;
  readonly database: Pick<OpenDatabase, 'atOneMoment' | 'transaction' | 'lastIds'>;
};

type To = {
  readonly by: Origin;
  /** Writes some lines of the file, each with its line break. */
  readonly write: (lines: string) => Promise<unknown>;
  readonly onProgress: (done: number, total: number) => void;
};

export const createExporter = ({ departures, appDepartures, audit, database }: Deps) => ({
  /**
   * Exports everything as of one moment, a page at a time, each account followed by its apps.
   *
   * @throws {OtherKeysError} when ids were imported from another column than the primary key
   * @throws {MasterKeyError} when a secret cannot be opened
   */
  exportDjango: ({ by, write, onProgress }: To): Promise<Exported> =>
    database.atOneMoment(async (db) => {
      const tx = { db };
      const others = await departures.countOtherKeys(tx);
      if (others > 0) throw new OtherKeysError(others);
      const count = await departures.count(tx);
      // Recorded first, so that no secret leaves without a trace.
      await database.transaction((writing) =>
        audit.record(writing, { event: 'user.export', by, details: { count } }),
      );
      let [accounts, apps] = [0, 0];
      for await (const page of departures.pages(tx)) {
        const [first, last] = [page.at(0)?.id ?? 0, page.at(-1)?.id ?? 0];
        const own = Map.groupBy(
          await appDepartures.between(tx, first, last),
          ({ userId }) => userId,
        );
        const known = new Set(await departures.knownElsewhere(tx, first, last));
        const changed = new Set(await appDepartures.withOtherCodes(tx, first, last));
        const entries = page.flatMap((account) => {
          const appsOf = own.get(account.id) ?? [];
          apps += appsOf.length;
          return [
            accountEntry(account, known.has(account.id)),
            ...appsOf.map((app) => appEntry(account, app)),
            ...(changed.has(account.id) ? [codesEntry(account)] : []),
          ];
        });
        await write(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
        accounts += page.length;
        onProgress(accounts, count);
      }
      const { users: lastId = 0 } = await database.lastIds();
      await write(`${JSON.stringify(endEntry(accounts, lastId))}\n`);
      return { accounts, apps, passkeysAlone: await appDepartures.withPasskeysAlone(tx) };
    }),
});
