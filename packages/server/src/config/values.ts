/** Parsers of variables: each returns a value or a fault. Pure. */
import { parseDatabaseUrl } from './database-url.ts';
import { createNetworks } from './network-address.ts';
import { originFault } from './origins.ts';
import type { Parsed } from './parsed.ts';

const SECOND = 1000;
const UNITS = { s: SECOND, m: 60 * SECOND, h: 3600 * SECOND, d: 86_400 * SECOND } as const;
const MAX_LISTED = 100;
const MAX_SCHEMES = 10;

export type Argon2Cost = Readonly<{ memoryKiB: number; passes: number; parallelism: number }>;

export type Setting<T> = {
  readonly fallback: string;
  /** Completes the sentence "… must be". */
  readonly expects: string;
  readonly parse: (text: string) => Parsed<T>;
  readonly aliases?: readonly string[];
  /** Whether `NAME_FILE` may name a file that holds the value. */
  readonly isReadFromFile?: true;
};

const REFUSED = {};

export const oneOf =
  <const T extends string>(...choices: T[]) =>
  (text: string): Parsed<T> => {
    const value = choices.find((choice) => choice === text);
    return value === undefined ? REFUSED : { value };
  };

/** A word, such as `off`, beside what another parser takes. */
export const either =
  <const W extends string, T>(word: W, text: string, parse: (text: string) => Parsed<T>) =>
  (given: string): Parsed<W | T> =>
    given === text ? { value: word } : parse(given);

export const integer =
  (min: number, max: number) =>
  (text: string): Parsed<number> => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? { value } : REFUSED;
  };

/** Milliseconds, from bounds such as `1s` and `365d`. */
export const duration = (min: string, max: string) => {
  const [least, most] = [millisecondsOf(min), millisecondsOf(max)];
  return (text: string): Parsed<number> => {
    const value = millisecondsOf(text);
    return value >= least && value <= most ? { value } : REFUSED;
  };
};

function millisecondsOf(text: string): number {
  const match = /^(\d{1,9})([smhd])$/.exec(text);
  return match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : Number.NaN;
}

export const hostName = (text: string): Parsed<string> =>
  /^[\w.:-]{1,253}$/.test(text) ? { value: text } : REFUSED;

export const boolean = (text: string): Parsed<boolean> =>
  text === 'true' || text === 'false' ? { value: text === 'true' } : REFUSED;

export const optionalText =
  (pattern: RegExp) =>
  (text: string): Parsed<string> =>
    text === '' || pattern.test(text) ? { value: text } : REFUSED;

/** A text that may be empty and in which `faultOf` finds nothing wrong. */
export const optionalSecret =
  (faultOf: (text: string) => string | undefined) =>
  (text: string): Parsed<string> => {
    const fault = text === '' ? undefined : faultOf(text);
    return fault === undefined ? { value: text } : { fault };
  };

export const argon2Cost = (text: string): Parsed<Argon2Cost> => {
  const match = /^m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})$/.exec(text);
  if (!match) return REFUSED;
  const [memoryKiB, passes, parallelism] = match.slice(1).map(Number) as [number, number, number];
  const strong = memoryKiB * passes >= 19_456 * 2 || (memoryKiB >= 47_104 && passes >= 1);
  const isAffordable = memoryKiB <= 1_048_576 && memoryKiB * passes <= 4_194_304;
  const bounded = isAffordable && passes >= 1 && parallelism >= 1 && parallelism <= 16;
  return strong && bounded ? { value: { memoryKiB, passes, parallelism } } : REFUSED;
};

export const databaseUrl = (text: string): Parsed<string> => {
  const address = parseDatabaseUrl(text);
  return 'fault' in address ? address : { value: text };
};

export const optionalPostgresUrl = (text: string): Parsed<string> => {
  if (text === '') return { value: '' };
  const address = parseDatabaseUrl(text);
  if ('fault' in address) return address;
  return address.engine === 'postgres' ? { value: text } : REFUSED;
};

/** A fault names the entries: an origin is no secret. */
export const origins = (text: string): Parsed<readonly string[]> => {
  const listed = entriesOf(text);
  if (listed.length > MAX_LISTED) return { fault: `lists more than ${MAX_LISTED}` };
  const faults = listed.flatMap((entry) => {
    const advice = originFault(entry);
    return advice === undefined ? [] : [`"${printable(entry)}" (${advice})`];
  });
  return faults.length > 0 ? { fault: `lists ${faults.join(', ')}` } : { value: listed };
};

/** Without credentials, which an address may carry, and without what a terminal would obey. */
const printable = (entry: string) =>
  entry
    .replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1…@')
    .replace(/[^\x20-\x7e…]/g, '?')
    .slice(0, 100);

/** Names of authentication schemes (RFC 9110 §11.1). */
export const schemes = (text: string): Parsed<readonly string[]> => {
  const listed = entriesOf(text);
  const isScheme = (each: string) => /^[\w!#$%&'*+.^`|~-]{1,32}$/.test(each);
  const fits = listed.length > 0 && listed.length <= MAX_SCHEMES && listed.every(isScheme);
  return fits ? { value: listed } : REFUSED;
};

export const networks = (text: string): Parsed<readonly string[]> => {
  const listed = entriesOf(text);
  try {
    createNetworks(listed);
  } catch {
    return REFUSED;
  }
  return listed.length <= MAX_LISTED ? { value: listed } : REFUSED;
};

/** In lower case and in the form in which passwords are compared. */
export const words = (text: string): Parsed<readonly string[]> => {
  const listed = entriesOf(text).map((word) => word.normalize('NFKC').toLowerCase());
  const fits = listed.every((word) => /^[\p{L}\p{N}]{3,64}$/u.test(word));
  return fits && listed.length <= MAX_LISTED ? { value: Object.freeze(listed) } : REFUSED;
};

export const entriesOf = (text: string): readonly string[] =>
  Object.freeze(text === '' ? [] : text.split(',').map((entry) => entry.trim()));
