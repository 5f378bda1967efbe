/** A process that opens and migrates a database at the very moment it is told, and closes it on demand. */
import { type OpenDatabase, openDatabase } from '../../src/database/open.ts';

type Order = { readonly directory: string; readonly at: number } | 'close';

let database: OpenDatabase | undefined;

async function open(directory: string, at: number): Promise<string> {
  process.chdir(directory);
  // To the millisecond: a timer would be later than the race it is to hit.
  while (Date.now() < at);
  database = openDatabase('sqlite:./data/gatepass.db');
  await database.migrate();
  return (await database.warnings()).join() || 'opened';
}

async function close(): Promise<string> {
  await database?.close();
  return 'closed';
}

process.on('message', async (order: Order) => {
  const done = order === 'close' ? close() : open(order.directory, order.at);
  process.send?.(await done.catch(String));
});
process.send?.('ready');
