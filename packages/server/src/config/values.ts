/** What a variable's text may say: parsers that answer `undefined` to what they refuse. Pure. */
import { parseDatabaseUrl } from './database-url.ts';
import { createNetworks } from './network-address.ts';

const SECOND = 1000;
const UNITS = { s: SECOND, m: 60 * SECOND, h: 3600 * SECOND, d: 86_400 * SECOND } as const;

export type Argon2Cost = Readonly<{ memoryKiB: number; passes: number; parallelism: number }>;

export type Setting<T> = {
  readonly fallback: string;
  /** What a good value looks like, to finish the sentence "… must be". */
  readonly expects: string;
  /** `undefined` = refused. A string starting with "!" is a more exact complaint. */
  readonly parse: (text: string) => T | undefined;
  readonly aliases?: readonly string[];
};

export const oneOf =
  <const T extends string>(...choices: T[]) =>
  (text: string): T | undefined =>
    choices.find((choice) => choice === text);

export const integer = (min: number, max: number) => (text: string) => {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
};

export const duration = (minSeconds: number, maxDays: number) => (text: string) => {
  const match = /^(\d{1,9})([smhd])$/.exec(text);
  if (!match) return undefined;
  const value = Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
  return value >= minSeconds * SECOND && value <= maxDays * UNITS.d ? value : undefined;
};

export const hostName = (text: string) => (/^[\w.:-]{1,253}$/.test(text) ? text : undefined);

export const boolean = (text: string) => ({ true: true, false: false })[text];

export const optionalText = (pattern: RegExp) => (text: string) =>
  text === '' ? '' : pattern.test(text) ? text : undefined;

export const argon2Cost = (text: string): Argon2Cost | undefined => {
  const match = /^m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const [memoryKiB, passes, parallelism] = match.slice(1).map(Number) as [number, number, number];
  const strong = memoryKiB * passes >= 19_456 * 2 || (memoryKiB >= 47_104 && passes >= 1);
  const isAffordable = memoryKiB <= 1_048_576 && memoryKiB * passes <= 4_194_304;
  const bounded = isAffordable && passes >= 1 && parallelism >= 1 && parallelism <= 16;
  return strong && bounded ? { memoryKiB, passes, parallelism } : undefined;
};

export const databaseUrl = (text: string) => {
  const address = parseDatabaseUrl(text);
  return 'fault' in address ? `!${address.fault}` : text;
};

/** Exactly as a browser sends them (RFC 6454 §6.2): lower case, no path, no default port. */
export const origins = (text: string): readonly string[] | undefined => {
  const listed = text === '' ? [] : text.split(',').map((origin) => origin.trim());
  const isOrigin = (origin: string) =>
    /^https?:[^*]+$/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin;
  return listed.length <= 100 && listed.every(isOrigin) ? Object.freeze(listed) : undefined;
};

export const networks = (text: string): readonly string[] | undefined => {
  const listed = text === '' ? [] : text.split(',').map((network) => network.trim());
  try {
    createNetworks(listed);
  } catch {
    return undefined;
  }
  return listed.length <= 100 ? Object.freeze(listed) : undefined;
};
