/** Databases in memory that need no migration: it takes a fifth of the start of a test's service. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openDatabase } from '../../src/database/open.ts';

let contents: Promise<Uint8Array> | undefined;

async function migrate(): Promise<Uint8Array> {
  const directory = await mkdtemp(join(tmpdir(), 'gatepass-'));
  const path = join(directory, 'gatepass.db');
  try {
    const database = openDatabase(`sqlite:${path}`);
    await database.migrate();
    await database.close();
    const sqlite = new DatabaseSync(path);
    // Memory has no write-ahead log.
    sqlite.exec('pragma journal_mode = delete');
    const serialised = sqlite.serialize();
    sqlite.close();
    return serialised;
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** What a migrated database is; `undefined` for one that is not in memory. */
export async function contentsFor(url: string): Promise<Uint8Array | undefined> {
  if (url !== 'sqlite::memory:') return undefined;
  contents ??= migrate();
  return contents;
}
