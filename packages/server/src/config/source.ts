/**
 * The text of a variable: from the environment, an alias, or the file that `NAME_FILE` names.
 * Refuses what shells, env files and Kubernetes add around values.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** `source` is the variable that was read; `undefined` = none is set. */
export type Found =
  | { readonly text: string | undefined; readonly source: string; readonly warning?: string }
  | { readonly fault: string };

type Names = {
  readonly name: string;
  readonly aliases?: readonly string[] | undefined;
  readonly isReadFromFile?: true | undefined;
};

const MAX_BYTES = 64 * 1024;
const OTHERS_MAY_WRITE = 0o002;
const OTHERS_MAY_READ = 0o004;

/** An empty variable counts as unset. */
export function findText(env: Environment, { name, aliases, isReadFromFile }: Names): Found {
  const isSet = (each: string) => (env[each] ?? '') !== '' && !isInjected(each, env[each]);
  const file = `${name}_FILE`;
  if (isReadFromFile && isSet(file)) {
    if (isSet(name)) return { fault: `${name} and ${file} are both set: remove one of them` };
    const path = env[file] ?? '';
    const wrapping = wrappingOf(path);
    return wrapping ? { fault: `${file} ${wrapping}` } : readText(file, path);
  }
  const source = [name, ...(aliases ?? [])].find(isSet);
  if (source === undefined) return { text: undefined, source: name };
  const text = env[source] ?? '';
  const wrapping = wrappingOf(text);
  return wrapping ? { fault: `${source} ${wrapping}` } : { text, source };
}

/**
 * Kubernetes and Docker put the address of a service named `gatepass` or `gatepass-…` into the
 * environment of every container beside it, under names that begin like ours.
 */
export const isInjected = (name: string, value = ''): boolean =>
  INJECTED.test(name) || (/^GATEPASS_(?:\w+_)?PORT$/.test(name) && /^\w+:\/\//.test(value));

const INJECTED =
  /^GATEPASS_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;

// trim() knows most of them.
const INVISIBLE = /^[\s\u200b-\u200d\u2060]|[\s\u200b-\u200d\u2060]$/;
const QUOTED = /^(["'`]).*\1$|^[“”„].*[“”]$|^[‘’].*[‘’]$/s;
const isControl = (character: string) => character < ' ' || character === '\u007f';

/** Characters around or in the text that cannot be intended; printed behind the variable's name. */
function wrappingOf(text: string): string | undefined {
  if (/^[^\r\n]*[\r\n]+$/.test(text)) return 'ends with a line break: remove it';
  if (/[\r\n\v\f\u0085\u2028\u2029]/.test(text))
    return 'has a line break in it: a value is one line';
  if (INVISIBLE.test(text)) return 'begins or ends with white space: remove it';
  if (text.length > 1 && QUOTED.test(text))
    return 'is in quotes, which would be part of the value: remove them';
  return [...text].some(isControl) ? 'has control characters in it: remove them' : undefined;
}

/** No fault names the file: in its place may stand, by mistake, the secret itself. */
function readText(name: string, path: string): Found {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return { fault: `${name} names a file that does not exist` };
  if (!stats.isFile()) return { fault: `${name} names something that is not a regular file` };
  if (isChangeable(stats.mode))
    return { fault: `${name} names a file that any user of this machine can change: chmod 400` };
  let bytes: Buffer;
  try {
    bytes = readSome(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
    return { fault: `${name} names a file that cannot be read${code}` };
  }
  if (bytes.length > MAX_BYTES) return { fault: `${name} names a file of more than 64 KiB` };
  const decoded = decode(bytes);
  if (decoded === undefined) return { fault: `${name} names a file that is not UTF-8 text` };
  // Editors and `echo` end a file with a line break; more than one is a mistake.
  const text = decoded.replace(/\r?\n$/, '');
  if (text === '') return { fault: `${name} names an empty file` };
  const wrapping = wrappingOf(text);
  if (wrapping) return { fault: `${name}: the text in the file ${wrapping}` };
  const warning = `${name} names a file that any user of this machine can read: chmod 400`;
  return { text, source: name, ...(isReadable(stats.mode) && { warning }) };
}

function readSome(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(MAX_BYTES + 1);
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(file);
  }
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

// On Windows the mode says nothing about who may do what.
const isPosix = process.platform !== 'win32';
const isChangeable = (mode: number) => isPosix && (mode & OTHERS_MAY_WRITE) !== 0;
const isReadable = (mode: number) => isPosix && (mode & OTHERS_MAY_READ) !== 0;
