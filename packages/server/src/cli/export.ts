import { rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Command } from 'commander';
import { OPERATOR } from '../audit/event.ts';
import { OtherKeysError } from '../export/exporter.ts';
import type { Context } from './context.ts';
import { counted } from './counted.ts';
import { CliError, EXIT } from './failure.ts';
import { createProgress } from './progress.ts';

export function fillExport(group: Command, context: Context): void {
  group
    .addHelpText('after', '\nExamples:\n  $ gatepass export django ./data/back.jsonl')
    .command('django <file>')
    .description('write accounts and authenticator apps into a file for Django')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The file has one entry per line, as "manage.py dumpdata --format jsonl" writes them. It contains
password hashes, and the secrets of the apps in clear: it gets mode 0600, and an existing file is not
replaced. Stop every server first: later changes are not in the file.

Examples:
  $ gatepass export django ./data/back.jsonl
  $ gatepass export django /run/user/1000/back.jsonl --json

How to load it into Django: docs/from-django.md, "Rolling back"`,
    )
    .action(exportDjango(context));
}

const exportDjango =
  (context: Context) =>
  (file: string, { json }: { json?: boolean }): Promise<void> =>
    context.withAccounts(
      async ({ exporter }) => {
        const handle = await open(file, 'wx', 0o600).catch(refuse(file));
        // Half of it would be secrets that are good for nothing; a signal may end the process meanwhile.
        const remove = () => rmSync(file, { force: true });
        process.once('exit', remove);
        try {
          const draw = createProgress(context);
          const done = await exporter.exportDjango({
            by: OPERATOR,
            write: (lines) => {
              context.interrupt?.throwIfAborted();
              return handle.appendFile(lines).catch(explainWrite(file));
            },
            onProgress: (count, total) => draw('exporting', count, total),
          });
          await handle.sync().catch(explainWrite(file));
          report(context, file, done, json);
        } catch (error) {
          remove();
          throw error instanceof OtherKeysError ? refuseKeys(error) : error;
        } finally {
          process.off('exit', remove);
          await handle.close();
        }
      },
      { mustExist: true },
    );

type Done = { readonly accounts: number; readonly apps: number; readonly passkeysAlone: number };

function report({ print, stderr }: Context, file: string, done: Done, json?: boolean): void {
  const { accounts, apps, passkeysAlone } = done;
  print(
    { file, accounts, apps, passkeys_alone: passkeysAlone },
    `Exported ${counted(accounts, 'account')} and ${counted(apps, 'authenticator app')} into ${file}.`,
    json,
  );
  if (passkeysAlone > 0)
    stderr.write(
      `${counted(passkeysAlone, 'account')} with passkeys and no app: Django will ask for the password alone.\n`,
    );
  stderr.write(
    `${file} holds password hashes${apps > 0 ? ' and the secrets of apps in clear' : ''}. Delete it once Django has it.\n`,
  );
}

const refuseKeys = ({ accounts }: OtherKeysError) =>
  new CliError(
    EXIT.refused,
    `${counted(accounts, 'account')} came with ids of another column than the primary key of Django's users (import django --id-column), so the file would change other users there. Nothing was exported.`,
  );

const explainWrite = (file: string) => (error: Error) => {
  throw new CliError(
    EXIT.failed,
    `${file} could not be written and was removed: ${error.message}.`,
  );
};

const refuse = (file: string) => (error: NodeJS.ErrnoException) => {
  if (error.code === 'EEXIST')
    throw new CliError(EXIT.refused, `${file} exists. Choose another name, or delete it.`);
  if (error.code === 'ENOENT')
    throw new CliError(EXIT.notFound, `There is no directory for ${file}.`);
  throw error;
};
