import sax from 'sax';
import type { Entry } from './dump-entry.ts';

type Open = { model: string; pk: unknown; fields: Record<string, unknown> };

/**
 * Django's XML: `object` elements with `field` elements. A field contains a text, `None`, or elements
 * for each of several rows that it refers to.
 *
 * @throws {Error} when it is not well-formed, or something else
 */
export function parseXml(text: string): Entry[] {
  const entries: Entry[] = [];
  const parser = sax.parser(true);
  let depth = 0;
  let entry: Open | undefined;
  let field: { name: string; value: unknown } | undefined;
  parser.onopentag = ({ name, attributes }) => {
    depth++;
    if (depth === 1 && name !== 'django-objects') throw new Error(name);
    if (depth === 2 && name === 'object')
      entry = { model: String(attributes['model']), pk: attributes['pk'], fields: {} };
    if (depth === 3 && name === 'field') field = { name: String(attributes['name']), value: '' };
    if (depth > 3 && field) field.value = null;
  };
  const add = (part: string) => {
    if (depth === 3 && typeof field?.value === 'string') field.value += part;
  };
  parser.ontext = add;
  parser.oncdata = add;
  parser.onclosetag = () => {
    if (depth === 3 && entry && field) entry.fields[field.name] = field.value;
    if (depth === 3) field = undefined;
    if (depth === 2 && entry) entries.push(entry);
    depth--;
  };
  parser.onerror = (error) => {
    throw error;
  };
  parser.write(text).close();
  return entries;
}
