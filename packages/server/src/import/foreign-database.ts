/** A database that is not ours, as the sources see it. */
import type { Table } from './user-table.ts';

export type Row = Readonly<Record<string, unknown>>;

export type ForeignTable = Table & {
  /** Of its name alone, and the schema it is in. */
  readonly table: string;
  readonly schema: string;
  /** Columns whose 0 and 1 mean false and true. */
  readonly booleans?: readonly string[];
};

/** A database that is not ours, to be read only, as of one moment. */
export type ForeignDatabase = {
  /** For people; without credentials. */
  readonly description: string;
  tables(): Promise<readonly ForeignTable[]>;
  /** The last number that the sequence of a column gave; `undefined` where none can be read. */
  lastNumber(table: ForeignTable, column: string): Promise<number | undefined>;
  /** Rows as they are fetched. @param values for `$1` and so on */
  select(sql: string, values?: readonly unknown[]): AsyncIterable<Row>;
  /** SQL that joins a column of the rows of a group with commas. */
  joined(column: string): string;
  /** A time as its columns compare it. @param ms epoch milliseconds */
  asTime(ms: number): unknown;
  close(): Promise<void>;
};
