import { readFileSync, statSync } from 'node:fs';
import { candidateOf, logoutOf, type Row } from './django-tables.ts';
import { type Columns, type Contents, SourceError } from './source.ts';

// The text is held in memory, parsed, and V8's longest string is 512 MiB.
const MAX_BYTES = 400 * 1024 * 1024;
const USER_MODELS = ['auth.user', 'accounts.user', 'users.user'];

type Entry = { readonly model: string; readonly pk: unknown; readonly fields: Row };

/**
 * What `manage.py dumpdata` wrote: the users and, if dumped too, SimpleJWT's blacklist.
 *
 * @param path at most 400 MiB, some 800,000 users
 * @throws {SourceError} naming the models that are there
 */
export function readDjangoDump(path: string, { table: wanted, email }: Columns): Contents {
  const entries = readEntries(path);
  const models = new Set(entries.map(({ model }) => model));
  const model = wanted?.replace('_', '.') ?? userModelOf(entries, email);
  if (!model || !models.has(model))
    throw new SourceError(
      `No model in ${path} has the fields password and ${email}. Name it with --table APP.MODEL. Models there: ${[...models].sort().join(', ') || 'none'}`,
    );
  const blacklisted = new Set(
    entries
      .filter((entry) => entry.model === 'token_blacklist.blacklistedtoken')
      .map(({ fields }) => String(fields['token'])),
  );
  return {
    candidates: entries
      .filter((entry) => entry.model === model)
      .map(({ pk, fields }) => candidateOf({ ...fields, id: pk }, email)),
    logouts: entries
      .filter((entry) => entry.model === 'token_blacklist.outstandingtoken')
      .filter(({ pk }) => blacklisted.has(String(pk)))
      .flatMap(({ fields }) => logoutOf(fields['token'])),
  };
}

function userModelOf(entries: readonly Entry[], email: string): string | undefined {
  const fits = ({ fields }: Entry) => 'password' in fields && email in fields;
  const likely = new Set(entries.filter(fits).map(({ model }) => model));
  return USER_MODELS.find((model) => likely.has(model)) ?? [...likely][0];
}

function readEntries(path: string): Entry[] {
  let value: unknown;
  try {
    if (statSync(path).size > MAX_BYTES)
      throw new Error('the file is larger than 400 MiB; import from the database itself');
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason =
      error instanceof SyntaxError
        ? 'this is no JSON'
        : error instanceof Error
          ? error.message
          : String(error);
    throw new SourceError(`${path}: ${reason}`);
  }
  if (!Array.isArray(value) || !value.every(isEntry))
    throw new SourceError(
      `${path}: not what "manage.py dumpdata" writes, a list of objects with model, pk and fields`,
    );
  return value;
}

const isEntry = (value: unknown): value is Entry =>
  typeof value === 'object' &&
  value !== null &&
  'model' in value &&
  typeof value.model === 'string' &&
  'pk' in value &&
  'fields' in value &&
  typeof value.fields === 'object' &&
  value.fields !== null;
