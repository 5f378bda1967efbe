import { readFileSync, statSync } from 'node:fs';
import { candidateOf, logoutOf, type Row } from './django-tables.ts';
import { type Columns, type Contents, SourceError } from './source.ts';

// The text is held in memory, parsed, and V8's longest string is 512 MiB.
const MAX_BYTES = 400 * 1024 * 1024;

type Entry = { readonly model: string; readonly pk: unknown; readonly fields: Row };

/**
 * What `manage.py dumpdata` wrote: the users and, if dumped too, SimpleJWT's blacklist.
 *
 * @param path at most 400 MiB, some 800,000 users
 * @throws {SourceError} naming the models that are there
 */
export function readDjangoDump(path: string, { table: wanted, email }: Columns): Contents {
  const entries = readEntries(path);
  const model = userModelOf(path, entries, { table: wanted, email });
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

/** The model that is named, as `app.Model` or by its table; else the only one that looks like users. */
function userModelOf(path: string, entries: readonly Entry[], { table, email }: Columns): string {
  const models = [...new Set(entries.map(({ model }) => model))].sort();
  const there = `Models there: ${models.join(', ') || 'none'}`;
  if (table !== undefined) {
    const asTable = (model: string) => model.toLowerCase().replace('.', '_');
    const named = models.find((model) => asTable(model) === asTable(table));
    if (named !== undefined) return named;
    throw new SourceError(`There is no model ${table} in ${path}. ${there}`);
  }
  const fits = ({ fields }: Entry) => 'password' in fields && email in fields;
  const likely = [...new Set(entries.filter(fits).map(({ model }) => model))];
  const [only] = likely;
  if (likely.includes('auth.user')) return 'auth.user';
  if (only !== undefined && likely.length === 1) return only;
  throw new SourceError(
    likely.length === 0
      ? `No model in ${path} has the fields password and ${email}. Name it with --table APP.MODEL. ${there}`
      : `Several models in ${path} may be the users: ${likely.join(', ')}. Name one with --table.`,
  );
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
