/** Whatever our documents print in quotes, and a reader may take for a secret to use. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../../../..');

export function publishedStrings(minLength: number): string[] {
  const patterns = ['*.md', 'docs/**/*.md', 'packages/*/README.md', 'examples/**/*.md', '.env*'];
  const files = globSync(patterns, { cwd: ROOT }).filter((path) => !path.includes('node_modules'));
  const strings = files
    .map((path) => join(ROOT, path))
    .filter(existsSync)
    .flatMap((path) => quotedIn(readFileSync(path, 'utf8')));
  return [...new Set(strings)].filter((text) => text.length >= minLength);
}

const quotedIn = (text: string): string[] =>
  text
    .split('\n')
    .flatMap((line) => [...line.matchAll(/'([^']+)'|"([^"]+)"|`([^`]+)`|=(\S+)/g)])
    .flatMap((match) => match.slice(1).filter((each) => each !== undefined));
