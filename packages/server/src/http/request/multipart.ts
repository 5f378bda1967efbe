/**
 * Reads `multipart/form-data` (RFC 7578) with the parser of Node's own `fetch`, which is loaded with
 * the first such body.
 */
import { multipartParseError } from '../refusals.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
// The parser's time grows with these, up to 40 ms for what 16 KiB can hold: this is some 40 fields.
const MAX_DELIMITERS = 256;
const MAX_TYPE_LENGTH = 256;
const NOT_LATIN1 = /[^\0-\xff]/;
/** Stands for a file, which no field of a schema accepts. */
const A_FILE = {};

/**
 * The fields by name, as Django reads them: of several with one name the last counts, and a file
 * counts before any text; an empty file input is no field.
 *
 * @throws {Refusal} 400 for anything that is not well-formed multipart
 */
export async function readMultipart(bytes: Buffer, contentType: string): Promise<object> {
  const fields = new Map<string, string>();
  const files: string[] = [];
  for (const [name, value] of await parse(bytes, contentType)) {
    if (typeof value === 'string') fields.set(textOf(name), textOf(value));
    else if (value.name !== '') files.push(textOf(name));
  }
  return Object.fromEntries([...fields, ...files.map((name) => [name, A_FILE] as const)]);
}

/**
 * One character for each byte, because the parser would replace what is not UTF-8, and two
 * different passwords would be one.
 */
async function parse(bytes: Buffer, contentType: string): Promise<FormData> {
  const headers = { 'content-type': contentType };
  try {
    if (contentType.length > MAX_TYPE_LENGTH || delimitersOf(bytes) > MAX_DELIMITERS)
      throw new RangeError();
    return await new Response(bytes.toString('latin1'), { headers }).formData();
  } catch {
    const hasBoundary = /;\s*boundary=/i.test(contentType);
    throw multipartParseError(
      hasBoundary ? 'the body is malformed' : 'Invalid boundary in multipart: None',
    );
  }
}

/** Line ends and semicolons, which delimit parts, headers and parameters. */
function delimitersOf(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte === 0x0a || byte === 0x3b) count++;
  return count;
}

function textOf(characters: string): string {
  if (NOT_LATIN1.test(characters)) throw multipartParseError('the body is malformed');
  try {
    return utf8.decode(Buffer.from(characters, 'latin1'));
  } catch {
    throw multipartParseError('the body is not valid UTF-8');
  }
}
