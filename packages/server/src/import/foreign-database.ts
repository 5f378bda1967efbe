/** A database of another program, as the sources use it. */
import type { Table } from './user-table.ts';

export type Row = Readonly<Record<string, unknown>>;

export type ForeignTable = Table & {
  /** The bare name of the table, and its schema. */
  readonly table: string;
  readonly schema: string;
  /** Columns whose 0 and 1 mean false and true. */
  readonly booleans?: readonly string[];
};

/** A database of another program, read-only and as of one moment. */
export type ForeignDatabase = {
  /** For people; without credentials. */
  readonly description: string;
  tables(): Promise<readonly ForeignTable[]>;
  /** The last number of a column's sequence; `undefined` if it cannot be read. */
  lastNumber(table: ForeignTable, column: string): Promise<number | undefined>;
  /** Rows as they are fetched. @param values for `$1` and so on */
  select(sql: string, values?: readonly unknown[]): AsyncIterable<Row>;
  /** SQL that joins a column of the rows of a group with commas. */
  joined(column: string): string;
  /** A time in the form in which its columns store times. @param ms epoch milliseconds */
  asTime(ms: number): unknown;
  close(): Promise<void>;
};
