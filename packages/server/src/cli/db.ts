import type { Command } from 'commander';
import { addBackupCommands } from './backup.ts';
import type { Context } from './context.ts';
import { addCopy } from './copy.ts';
import { CliError, EXIT } from './failure.ts';
import { addVerify } from './verify.ts';

type Output = { json?: boolean };

export function fillDb(db: Command, context: Context): void {
  const { print, withDatabase } = context;
  db.addHelpText(
    'after',
    `
Examples:
  $ gatepass db backup /backups/gatepass-monday.db
  $ gatepass db verify /backups/gatepass-monday.db
  $ gatepass db restore /backups/gatepass-monday.db
  $ gatepass db migrate
  $ gatepass db check --json`,
  );

  db.command('migrate')
    .description('bring the schema up to date ("serve" does it by itself)')
    .addHelpText(
      'after',
      `
Examples:
  $ gatepass db migrate`,
    )
    .option('--json', 'print JSON')
    .action(({ json }: Output) =>
      withDatabase(async (database) => {
        const ran = await database.migrate();
        const text =
          ran.length > 0 ? `Ran ${ran.join(', ')}.` : 'The schema is up to date; nothing to do.';
        print({ ran }, text, json);
      }),
    );

  db.command('check')
    .description('look for damage; exit code 1 when there is any')
    .addHelpText(
      'after',
      `
Examples:
  $ gatepass db check
  $ gatepass db check --json`,
    )
    .option('--json', 'print JSON')
    .action(({ json }: Output) =>
      withDatabase(
        async (database) => {
          await database.pending();
          const damage = await database.check();
          const text = damage.length > 0 ? damage.join('\n') : `${database.description} is sound.`;
          print({ database: database.description, damage }, text, json);
          if (damage.length > 0)
            throw new CliError(EXIT.failed, 'The database is damaged: restore a backup.');
        },
        { mustExist: true },
      ),
    );

  addBackupCommands(db, context);
  addVerify(db, context);
  addCopy(db, context);
}
