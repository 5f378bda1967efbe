/** A process that opens and migrates a new database at the very moment it is told. */
import { openDatabase } from '../../src/database/open.ts';

process.on('message', async ({ directory, at }: { directory: string; at: number }) => {
  process.chdir(directory);
  // To the millisecond: a timer would be later than the race it is to hit.
  while (Date.now() < at);
  try {
    const database = openDatabase('sqlite:./data/gatepass.db');
    await database.migrate();
    await database.close();
    process.send?.('opened');
  } catch (error) {
    process.send?.(String(error));
  }
});
process.send?.('ready');
