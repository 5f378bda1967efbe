import type { CompiledQuery } from 'kysely';
import type { Db } from './tables/schema.ts';

/** Tables whose ids are never assigned again. */
export const NUMBERED = [
  'users',
  'revocations',
  'audit_events',
  'one_time_tokens',
  'outbox',
  'totp_factors',
] as const;

/** The last id of each table. */
export type LastIds = Readonly<Partial<Record<string, number>>>;

/** A unit of work in a transaction; `db` must not be used after the work has ended. */
export type Tx = { readonly db: Db };

/**
 * Runs `work` and commits; resolves when the commit is durable. `work` may await only statements of
 * its `tx`, and may run again from its start, so other effects belong after the commit.
 */
export type Transaction = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;

/** A statement compiled and prepared once, at a tenth of the query builder's cost per call. */
export type Statement<Row> = {
  /** The first row of what is committed. */
  read(...values: unknown[]): Promise<Row | undefined>;
  /** The first row as the transaction sees it. */
  within(tx: Tx, ...values: unknown[]): Promise<Row | undefined>;
};

/** The topics of notifications between processes. */
export type Topic = 'revocations' | 'keys';

/** A hint from process to process; it may be lost, so listeners poll as well. */
type Notifications = {
  /** Notifies all other processes when `tx` commits, and none when it does not. */
  publish(tx: Tx, topic: Topic): Promise<void>;
  /** Calls back when there may be news, until the returned function is called. Other listeners may wait for the promise of this one. */
  subscribe(topic: Topic, listener: () => unknown): () => void;
};

/** The database as stores use it. */
export type Database = {
  /** For reading: sees what is committed and never waits for a writer. */
  readonly db: Db;
  /** Every write goes through here. */
  readonly transaction: Transaction;
  /**
   * Takes values by position; `named` (statement.ts) gives them names. The query names its columns:
   * `*` would fail once a newer version has added one.
   */
  prepare<Row>(query: CompiledQuery<Row>): Statement<Row>;
};

/** The numbers of a table at one moment, for readers that must not miss any. */
export type Numbers = {
  /** The highest number that can be read; 0 = none. */
  readonly head: number;
  /** Open transactions that may have taken a lower number. */
  readonly writers: readonly string[];
};

/** Numbers that are assigned once, and in order. */
export type Numbering = {
  /**
   * Until `tx` ends, no other transaction passes this call for the same topic, so numbers assigned
   * after it become visible in order: a reader that has seen 7 has seen 6.
   */
  takeTurn(tx: Tx, topic: Topic): Promise<void>;
  /**
   * Numbers of the audit log become visible in the order of commits, which may differ: every row up
   * to `head` can be read once these `writers` have ended.
   */
  auditNumbers(): Promise<Numbers>;
  /** The highest number that each numbered table has ever assigned. */
  lastIds(): Promise<LastIds>;
  /** From now on new numbers of a table are above the given one. */
  raiseLastIds(tx: Tx, ids: LastIds): Promise<void>;
};

/** A database with tables that other processes follow by their numbers. */
export type FollowedDatabase = Database & Numbering & { readonly notifications: Notifications };

/** Operations on a database as a whole, for the start, the command line and backups. */
export type Maintenance = {
  /** The file of the database, if it is in one. */
  readonly file: string | undefined;
  /** For people: engine and place, never credentials. */
  readonly description: string;
  /** Everything that `work` reads is as of one moment, however long it takes. */
  atOneMoment<T>(work: (db: Db) => Promise<T>): Promise<T>;
  /** Runs the missing migrations; returns their names. */
  migrate(): Promise<string[]>;
  /**
   * Does what `migrate` would and undoes it; if there is nothing to do, checks privileges.
   *
   * @throws what would keep a server from starting
   */
  rehearse(): Promise<void>;
  /** Migrations that have not run yet. @throws {MigrationError} when it is newer than this program */
  pending(): Promise<string[]>;
  /** Rejects when the database cannot respond. */
  ping(): Promise<void>;
  /** Damage, one finding a line; empty = sound. */
  check(): Promise<string[]>;
  /** Conditions that work but deserve attention. */
  warnings(): Promise<string[]>;
  close(): Promise<void>;
};

/** All that an engine offers; for code that opens a database and passes parts of it on. */
export type OpenDatabase = FollowedDatabase &
  Maintenance & {
    /** Called when a request arrives: reads of requests that arrive together may share a snapshot. */
    shareReads(): void;
  };

/** Reports something once, at a level of the log. */
export type Report = (level: 'info' | 'warn', message: string) => void;

export type DatabaseOptions = {
  /** Fault injection: called before each commit, which fails if it throws. */
  readonly beforeCommit?: (() => void) | undefined;
  /** A missing database is an error instead of being created; default false. */
  readonly mustExist?: boolean | undefined;
  /** The initial contents of a database in memory: a serialised database. */
  readonly contents?: Uint8Array | undefined;
  /** The most connections, for an engine that has several; default 10. */
  readonly poolSize?: number | undefined;
  /** The same database without the pooler that its URL names. */
  readonly directUrl?: string | undefined;
  /** Called with what an operator should know; default: nothing is reported. */
  readonly report?: Report | undefined;
};
