/** Reads Markdown as far as the tests of the documentation need it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export type Page = {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly text: string;
};

/** Every Markdown file of ours under a directory. */
export function pagesOf(root: string): Page[] {
  const foreign = /(^|\/)(node_modules|dist|data|\.git|\.venv)(\/|$)/;
  const walk = (directory: string): string[] =>
    readdirSync(directory, { withFileTypes: true })
      .map((entry) => ({ entry, path: join(directory, entry.name) }))
      .filter(({ path }) => !foreign.test(relative(root, path)))
      .flatMap(({ entry, path }) =>
        entry.isDirectory() ? walk(path) : path.endsWith('.md') ? [path] : [],
      );
  return walk(root).map((path) => ({
    path: relative(root, path),
    text: readFileSync(path, 'utf8'),
  }));
}

const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm;

/** The fenced blocks, in order. */
export const blocksOf = (text: string, language?: string): string[] =>
  [...text.matchAll(FENCE)]
    .filter(([, tag]) => language === undefined || tag === language)
    .map(([, , body = '']) => body);

export const withoutBlocks = (text: string): string => text.replace(FENCE, '');

/** The contents of `code spans`. */
export const spansOf = (text: string): string[] =>
  [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);

/** All that is code: blocks and spans. */
export const codeOf = (text: string): string[] => [...blocksOf(text), ...spansOf(text)];

/** The cells of all table rows, heads included, rulers left out. */
export const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => /^\|.*\|$/.test(line) && !/^[|\s:-]+$/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );

/** A cell without its code marks. */
export const unquote = (cell = ''): string => cell.replaceAll('`', '');

/** The text under a heading, up to the next one of its level or above. */
export function sectionOf(text: string, heading: string): string {
  const lines = text.split('\n');
  // In a block, what begins with "#" is a comment.
  let isCode = false;
  const levels = lines.map((line) => {
    if (line.startsWith('```')) isCode = !isCode;
    return isCode ? 0 : (/^#+(?= )/.exec(line)?.[0].length ?? 0);
  });
  const start = lines.findIndex(
    (line, i) => (levels[i] ?? 0) > 0 && line.replace(/^#+ /, '') === heading,
  );
  const isEnd = (level: number) => level > 0 && level <= (levels[start] ?? 0);
  const length = levels.slice(start + 1).findIndex(isEnd);
  return start < 0
    ? ''
    : lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n');
}

/** Where a link to `page#…` may point: headings as GitHub spells them, and named anchors. */
export function anchorsOf(text: string): Set<string> {
  const prose = withoutBlocks(text);
  const headings = [...prose.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
  const named = [...prose.matchAll(/<a (?:name|id)="([^"]+)">/g)].map(([, name = '']) => name);
  return new Set([...headings, ...named]);
}

/** The targets of links that stay in the repository. */
export const linksOf = (text: string): string[] =>
  [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
