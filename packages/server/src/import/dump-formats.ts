/** The formats of `manage.py dumpdata`, recognised by the beginning of the text. */
import { type Entry, isEntry } from './dump-entry.ts';

/** @throws {Error} whose message says what is wrong; never with a part of the text */
export async function parseEntries(text: string): Promise<Entry[]> {
  const values = await parse(text);
  if (Array.isArray(values) && values.every(isEntry)) return values;
  throw new Error(
    'not what "manage.py dumpdata" writes, a list of objects with model, pk and fields',
  );
}

async function parse(text: string): Promise<unknown> {
  const beginning = /\S/.exec(text)?.[0];
  if (beginning === undefined) throw new Error('the file is empty');
  if (beginning === '[') return damagedIfThrows('JSON', () => JSON.parse(text));
  if (beginning === '{') return damagedIfThrows('JSON', () => parseLines(text));
  if (beginning === '<') {
    const { parseXml } = await import('./dump-xml.ts');
    return damagedIfThrows('XML', () => parseXml(text));
  }
  if (beginsWithList(text)) {
    const { parse: parseYaml } = await import('yaml');
    return damagedIfThrows('YAML', () =>
      elementsOf(text).flatMap((element) => parseYaml(element, PYYAML)),
    );
  }
  throw new Error(
    'this is no JSON, XML or YAML. If a program printed something before the dump, let Django write the file: manage.py dumpdata -o FILE',
  );
}

const LONGEST_PREFACE = 1000;

/** Whether a list follows the comments, directives and the document marker. */
const beginsWithList = (text: string): boolean =>
  text
    .slice(0, LONGEST_PREFACE)
    .split('\n')
    .find((line) => line.trim() !== '' && !/^(?:---|#|%)/.test(line))
    ?.startsWith('- ') ?? false;

// The version that PyYAML writes, and no messages that quote the text.
const PYYAML = { version: '1.1', prettyErrors: false, logLevel: 'error' } as const;

const parseLines = (text: string): unknown[] =>
  text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line)]));

/** The elements, which are parsed one by one: a whole tree takes a hundred times the size of the text. */
const elementsOf = (text: string): string[] =>
  text.split(/^(?=- )/m).filter((element) => element.startsWith('- '));

/** The parser's own message would quote the text, and password hashes in it. */
function damagedIfThrows<T>(format: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new Error(
      `the ${format} is damaged, cut off or mixed with other text. Let Django write the file: manage.py dumpdata -o FILE`,
    );
  }
}
