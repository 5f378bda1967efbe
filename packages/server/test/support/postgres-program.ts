/** A program that starts a PostgreSQL of its own, says where its data are, and waits for its end. */
import { startPostgres } from './postgres.ts';

const { directory } = await startPostgres();
process.stdout.write(`${directory}\n`);
setInterval(() => {}, 60_000);
