import type { Command } from 'commander';
import { verifyBackup } from '../backup/verify.ts';
import { manifestView, time } from './backup.ts';
import type { Context } from './context.ts';
import { counted } from './counted.ts';
import { forEach } from './for-each.ts';
import { createProgress } from './progress.ts';

type Output = { readonly json?: boolean };

export function addVerify(db: Command, context: Context): void {
  db.command('verify <file...>')
    .description('check backups from end to end; nothing is written, and servers keep running')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Reads the file where it is, which may be read-only, and compares every row with what was backed up.
Exit code 1: damaged. 3: no such file. 4: not a backup. 5: from a newer version.

Examples:
  $ gatepass db verify /backups/gatepass.db
  $ gatepass db verify /backups/*.db --json`,
    )
    .action((files: string[], { json }: Output) =>
      forEach(context, files, async (file) => {
        const { bytes, ...manifest } = await verifyBackup(file, createProgress(context));
        const accounts = counted(manifest.tables.users?.rows ?? 0, 'account');
        const text = `${file} is a sound backup of ${time(manifest.made_at)} with ${accounts}, made by Gatepass ${manifest.version}.`;
        context.print({ file, bytes, ...manifestView(manifest) }, text, json);
      }),
    );
}
