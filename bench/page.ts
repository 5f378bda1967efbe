/** Tables in a page of the documentation. */
import { readFileSync, writeFileSync } from 'node:fs';

/** Replaces the text between the comments `<!-- NAME:begin -->` and `<!-- NAME:end -->`. */
export function writeTables(file: string, name: string, text: string): void {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [before, rest] = readFileSync(file, 'utf8').split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`${file} has no lines "${begin}" and "${end}" to write between`);
  writeFileSync(file, `${before}${begin}\n\n${text}\n\n${end}${after}`);
}
