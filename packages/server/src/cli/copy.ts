import type { Command } from 'commander';
import { copyAll } from '../backup/copy.ts';
import { readConfig } from '../config/config.ts';
import { openDatabase } from '../database/open.ts';
import type { Context } from './context.ts';
import { createProgress } from './progress.ts';

type Options = { from: string; to: string; json?: boolean };

export function addCopy(db: Command, context: Context): void {
  db.command('copy')
    .description('move everything into an empty database of either engine; compares every row')
    .requiredOption('--from <url>', 'the database to read; nothing is written there')
    .requiredOption('--to <url>', 'an empty database; it is migrated and filled')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Stop every server of the source first and start them with the new URL afterwards: sessions, keys
and ids move too, so clients notice only the pause. If the source changes meanwhile, the command
says so and fails. A password in a URL can be seen in the list of processes: leave it out and set
PGPASSWORD.

Examples:
  $ gatepass db copy --from sqlite:./data/gatepass.db --to sqlite:/var/lib/gatepass/gatepass.db
  $ gatepass db copy --from sqlite:./data/gatepass.db --to postgres://gatepass@db.example.com/gatepass`,
    )
    .action(copy(context));
}

const copy =
  (context: Context) =>
  async ({ from, to, json }: Options): Promise<void> => {
    readConfig(context.env);
    const source = openDatabase(from, { mustExist: true });
    const target = openDatabase(to);
    const startedAt = performance.now();
    try {
      const tables = await copyAll(source, target, createProgress(context));
      const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
      const rows = Object.fromEntries(
        Object.entries(tables).map(([name, table]) => [name, table.rows]),
      );
      const lines = Object.entries(rows).map(
        ([name, count]) => `${String(count).padStart(12)}  ${name}`,
      );
      context.print(
        { from: source.description, to: target.description, rows, seconds },
        `${lines.join('\n')}\nCopied ${source.description} to ${target.description} in ${seconds} s; every row compared. Set GATEPASS_DATABASE_URL and start.`,
        json,
      );
    } finally {
      await target.close();
      await source.close();
    }
  };
