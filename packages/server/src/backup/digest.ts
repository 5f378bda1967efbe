import { hash } from 'node:crypto';
import type { Db } from '../database/tables/schema.ts';
import { pagesOf, type Row, type TableName, tablesIn } from './tables.ts';

/** A digest of a table: equal only if its rows are equal, in any order and on either engine. */
export type TableDigest = { readonly rows: number; readonly digest: string };
export type Digests = Readonly<Partial<Record<TableName, TableDigest>>>;

const WORDS = 8;

/**
 * The sum of the SHA-256 of every row: order-independent, because engines return rows in different
 * orders.
 */
export function createDigest() {
  const sum = new Uint32Array(WORDS);
  let rows = 0;
  return {
    add(row: Row): void {
      const digest = hash('sha256', canonical(row), 'buffer');
      for (let i = 0; i < WORDS; i++) sum[i] = (sum[i] ?? 0) + digest.readUInt32LE(4 * i);
      rows++;
    },
    result: (): TableDigest => ({ rows, digest: Buffer.from(sum.buffer).toString('hex') }),
  };
}

/** One text for one row: columns by name, bytes in base64, so that engines agree on it. */
function canonical(row: Row): string {
  const entries = Object.keys(row)
    .sort()
    .map((name) => {
      const value = row[name];
      return [name, value instanceof Uint8Array ? { bytes: base64(value) } : value];
    });
  return JSON.stringify(entries);
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

async function digestTable(
  db: Db,
  table: TableName,
  onRows: (count: number) => void = () => {},
): Promise<TableDigest> {
  const digest = createDigest();
  for await (const page of pagesOf(db, table)) {
    for (const row of page) digest.add(row);
    onRows(page.length);
  }
  return digest.result();
}

export async function digestAll(db: Db, onRows?: (count: number) => void): Promise<Digests> {
  const digests: Partial<Record<TableName, TableDigest>> = {};
  for (const table of await tablesIn(db)) digests[table] = await digestTable(db, table, onRows);
  return digests;
}
