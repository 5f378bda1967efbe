/** Databases of Django with tables and users, made once for each kind: migrations and hashes take seconds. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

export const PROJECT = join(import.meta.dirname, 'project');
const CACHE = join(import.meta.dirname, '../../node_modules/.cache');

type Users = readonly (readonly [email: string, password: string])[];
type Kind = {
  readonly python: string;
  /** Of its packages. */
  readonly versions: string;
  /** What the project's settings read, but for the database and the secret. */
  readonly variables: Readonly<Record<string, string>>;
};

const sources = globSync('**/*.py', { cwd: PROJECT })
  .sort()
  .map((name) => [name, readFileSync(join(PROJECT, name), 'utf8')]);

/** Copies one of this kind, with an account for every password hasher. @returns the accounts */
export function copyDatabase(kind: Kind, to: string): Users {
  const digest = createHash('sha256')
    .update(JSON.stringify([kind, sources]))
    .digest('hex');
  const folder = join(CACHE, `django-${digest.slice(0, 12)}`);
  if (!existsSync(folder)) make(kind, folder);
  copyFileSync(join(folder, 'db.sqlite3'), to);
  return JSON.parse(readFileSync(join(folder, 'users.json'), 'utf8'));
}

function make({ python, variables }: Kind, folder: string): void {
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  const env = {
    ...variables,
    PATH: process.env['PATH'],
    DJANGO_DATABASE: join(draft, 'db.sqlite3'),
    // No table has anything of it.
    DJANGO_SECRET: 'of no consequence',
  };
  const users = execFileSync(python, ['-B', 'setup_database.py'], { cwd: PROJECT, env });
  writeFileSync(join(draft, 'users.json'), users);
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true });
    // Another process may have been faster.
    if (!existsSync(folder)) throw error;
  }
}
