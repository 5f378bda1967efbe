/**
 * The package as one file without types, comments and blank space, names kept: an upper bound of
 * what any minifier makes of it, without needing one.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PACKAGE = join(import.meta.dirname, '../..');

/** @param entry the file of `src` to begin with, as JavaScript */
export function squeeze(entry = './index.js'): string {
  const directory = mkdtempSync(join(tmpdir(), 'gatepass-client-'));
  try {
    const tsc = join(PACKAGE, '../../node_modules/.bin/tsc');
    const options = ['-p', PACKAGE, '--removeComments', '--declaration', 'false'];
    execFileSync(tsc, [...options, '--outDir', directory]);
    const text = tighten(inOrder(join(directory, 'src'), entry).join(''));
    return entry === './index.js' ? `${text}export{createClient,GatepassError}` : text;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const IMPORT = /^(?:import|export) [^;]*? from '(\.\/\w+\.js)';$/gm;

/** The texts of a file and all that it imports, imported ones first. */
function inOrder(directory: string, entry: string, seen = new Set<string>()): string[] {
  if (seen.has(entry)) return [];
  seen.add(entry);
  const text = readFileSync(join(directory, entry), 'utf8');
  const imports = [...text.matchAll(IMPORT)].map(([, name = '']) => name);
  const own = text.replace(IMPORT, '').replace(/^export (?:\{\};)?/gm, '');
  return [...imports.flatMap((name) => inOrder(directory, name, seen)), own];
}

const STRING = /'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/;
const REGEXP = /\/(?![*/ ])(?:[^/\\\n[]|\\.|\[[^\]]*\])+\/[a-z]*(?=[.,)])/;
const SPACE = /\s*([{}()[\];,:?=<>+*&|!])\s*|\s+(?=\.)|\s+/;

function tighten(code: string): string {
  const tokens = new RegExp(`(${STRING.source}|${REGEXP.source})|${SPACE.source}`, 'g');
  return code
    .replace(tokens, (_all, literal, punctuation, offset) => {
      const next = code.slice(offset).trimStart()[0];
      return literal ?? punctuation ?? (next === '.' ? '' : ' ');
    })
    .replaceAll(';}', '}');
}
