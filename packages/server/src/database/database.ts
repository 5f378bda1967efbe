import type { CompiledQuery } from 'kysely';
import type { Db } from './tables/schema.ts';

/** Tables whose numbers are never given again. */
export const NUMBERED = [
  'users',
  'revocations',
  'audit_events',
  'one_time_tokens',
  'outbox',
  'totp_factors',
] as const;

/** By table. */
export type LastIds = Readonly<Partial<Record<string, number>>>;

/** A unit of work in a transaction; `db` must not be used after the work has ended. */
export type Tx = { readonly db: Db };

/**
 * Runs `work` and commits; resolves when the commit is durable. Work may await statements of its
 * `tx` and nothing else, and may run again from its start: whatever else it changes, it changes
 * after the commit.
 */
export type Transaction = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;

/** A statement compiled and prepared once: a tenth of what the query builder costs per call. */
export type Statement<Row> = {
  /** The first row, of what is committed. */
  read(...values: unknown[]): Promise<Row | undefined>;
  /** The first row, as the transaction sees it. */
  within(tx: Tx, ...values: unknown[]): Promise<Row | undefined>;
};

/** The topics of notifications between processes. */
export type Topic = 'revocations' | 'keys';

/** A hint from process to process; it may be lost, so listeners poll as well. */
export type Notifications = {
  /** All other processes are told when `tx` commits; none when it does not. */
  publish(tx: Tx, topic: Topic): Promise<void>;
  /** Calls back when there may be news, until the returned function is called. */
  subscribe(topic: Topic, listener: () => void): () => void;
};

/** The database as stores use it. */
export type Database = {
  /** For reading: sees what is committed, never waits for a writer. */
  readonly db: Db;
  /** Every write goes through here. */
  readonly transaction: Transaction;
  /**
   * Takes values by position; `named` (statement.ts) gives them names. The query names its columns:
   * `*` would fail once a newer version has added one.
   */
  prepare<Row>(query: CompiledQuery<Row>): Statement<Row>;
};

/** A look at the numbers of a table, for readers who must miss none. */
export type Numbers = {
  /** The highest one that can be read; 0 = none. */
  readonly head: number;
  /** Transactions that may have taken a number below and have not ended. */
  readonly writers: readonly string[];
};

/** Numbers that are given once, and in order. */
export type Numbering = {
  /**
   * Until `tx` ends, no other transaction gets past this line for the same topic, so numbers that
   * are assigned after it become visible in their order: who has seen 7 has seen 6.
   */
  takeTurn(tx: Tx, topic: Topic): Promise<void>;
  /**
   * Numbers of the audit log become visible in the order of commits, which may be another one: every
   * row up to `head` can be read once the `writers` of that look have ended.
   */
  auditNumbers(): Promise<Numbers>;
  /** The highest number that each numbered table ever gave. */
  lastIds(): Promise<LastIds>;
  /** From now on the numbers of a table go on above the one given. */
  raiseLastIds(tx: Tx, ids: LastIds): Promise<void>;
};

/** A database with tables that other processes follow by their numbers. */
export type FollowedDatabase = Database & Numbering & { readonly notifications: Notifications };

/** Operations on a database as a whole, for the start, the command line and backups. */
export type Maintenance = {
  /** The file that holds it, where it is one. */
  readonly file: string | undefined;
  /** For people: engine and place, never credentials. */
  readonly description: string;
  /** Everything that `work` reads is as of one moment, however long it takes. */
  atOneMoment<T>(work: (db: Db) => Promise<T>): Promise<T>;
  /** Runs what is missing; returns the names of the migrations that ran. */
  migrate(): Promise<string[]>;
  /**
   * Does what `migrate` would and undoes it; looks at privileges where there is nothing to do.
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
  /** Things that work and still deserve attention. */
  warnings(): Promise<string[]>;
  close(): Promise<void>;
};

/** All that an engine offers; for code that opens a database and passes parts of it on. */
export type OpenDatabase = FollowedDatabase & Maintenance;

/** Says something once, at a level of the log. */
export type Report = (level: 'info' | 'warn', message: string) => void;

export type DatabaseOptions = {
  /** Fault injection: called before each commit, which fails if it throws. */
  readonly beforeCommit?: (() => void) | undefined;
  /** A database that is not there is a fault, not one to create; default false. */
  readonly mustExist?: boolean | undefined;
  /** What a database in memory begins with: a serialised one. */
  readonly contents?: Uint8Array | undefined;
  /** Connections at most, where the engine has many; default 10. */
  readonly poolSize?: number | undefined;
  /** The same database without the pooler that its URL names. */
  readonly directUrl?: string | undefined;
  /** Hears what an operator should know; default: not reported. */
  readonly report?: Report | undefined;
};
