import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { Candidate } from './candidate.ts';
import { type ClaimColumn, createClaimReader, jsonOrText } from './claim-columns.ts';
import { type Columns, type Contents, SourceError } from './source.ts';

const KNOWN = ['id', 'email', 'password_hash', 'is_active', 'created_at', 'last_login_at'];
type CsvColumns = Pick<Columns, 'username' | 'claims'>;
// Otherwise an unclosed quote would read the rest of the file into memory.
const LONGEST_RECORD = 64 * 1024;

/**
 * A CSV file (RFC 4180) with a header: `email` and `password_hash`, and if known `id`, `is_active`,
 * `created_at`, `last_login_at`. It does not say which ids deleted accounts had.
 *
 * @returns contents that throw {SourceError} when the file cannot be read, or a column is unknown or
 *   missing
 */
export const readCsv = (path: string, columns: CsvColumns = {}): Contents => ({
  source: path,
  table: path,
  candidates: candidatesOf(path, columns),
  given: { counter: undefined, inTokens: 0 },
  logouts: [],
});

async function* candidatesOf(path: string, columns: CsvColumns): AsyncGenerator<Candidate> {
  try {
    const rows = parse({
      bom: true,
      info: true,
      columns: (header: string[]) => checkHeader(header, columns),
      skip_empty_lines: true,
      max_record_size: LONGEST_RECORD,
    });
    // The loop throws the errors of both ends.
    pipeline(createReadStream(path), rows, () => {});
    for await (const row of rows) yield candidateOf(row, columns);
  } catch (error) {
    // The parser's message would quote the line, and the hash in it.
    if (error instanceof CsvError)
      throw new SourceError(`${path}: line ${error['lines'] ?? '?'}: ${error.code}`);
    throw error instanceof SourceError
      ? error
      : new SourceError(`${path}: ${error instanceof Error ? error.message : error}`);
  }
}

type Line = {
  readonly info: { readonly lines: number };
  readonly record: Readonly<Record<string, string>>;
};

const candidateOf = ({ info, record }: Line, { username, claims = [] }: CsvColumns): Candidate => ({
  place: `line ${info.lines}`,
  id: record['id'],
  email: record['email'],
  password: record['password_hash'],
  isActive: record['is_active'],
  createdAt: record['created_at'],
  lastLoginAt: record['last_login_at'],
  username: username === undefined ? undefined : record[username],
  claims: claims.length > 0 ? createClaimReader(claims)(withJson(record, claims)) : undefined,
});

const withJson = (record: Line['record'], claims: readonly ClaimColumn[]) =>
  Object.fromEntries(claims.map(({ column }) => [column, jsonOrText(record[column])]));

function checkHeader(header: string[], { username, claims = [] }: CsvColumns): string[] {
  const chosen = [
    ...(username === undefined ? [] : [username]),
    ...claims.map(({ column }) => column),
  ];
  const unknown = header.filter((name) => !KNOWN.includes(name) && !chosen.includes(name));
  const missing = ['email', 'password_hash', ...chosen].filter((name) => !header.includes(name));
  if (unknown.length + missing.length > 0)
    throw new SourceError(
      `The first line must name the columns: ${KNOWN.join(', ')} (email and password_hash are needed). ${missing.length > 0 ? `Missing: ${missing.join(', ')}. ` : ''}${unknown.length > 0 ? `Unknown: ${unknown.join(', ')}.` : ''}`,
    );
  return header;
}
