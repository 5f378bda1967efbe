/** The rates that `GATEPASS_LIMITS` can change: their names, defaults and spelling. Pure. */
import { editDistance } from './edit-distance.ts';
import type { Parsed } from './parsed.ts';
import { duration, entriesOf } from './values.ts';

/** So many in a window that opens with the first. */
export type Rate = { readonly quota: number; readonly windowMs: number };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** In the order of docs/security.md. */
export const DEFAULT_RATES = {
  'login-account': { quota: 10, windowMs: 15 * MINUTE },
  'login-network': { quota: 100, windowMs: 15 * MINUTE },
  /** A token that was stolen makes guessing slower than no token does. */
  'login-device': { quota: 10, windowMs: 24 * HOUR },
  /** Not a window but the longest pause between two attempts. */
  'login-failures': { quota: 20, windowMs: 15 * MINUTE },
  'login-success-account': { quota: 300, windowMs: HOUR },
  'login-success-network': { quota: 3000, windowMs: HOUR },
  'confirm-account': { quota: 60, windowMs: HOUR },
  'register-network': { quota: 10, windowMs: HOUR },
  'mail-account': { quota: 3, windowMs: HOUR },
  'mail-network': { quota: 10, windowMs: HOUR },
  'notice-account': { quota: 3, windowMs: 24 * HOUR },
  'code-account': { quota: 20, windowMs: 24 * HOUR },
  'factor-network': { quota: 10, windowMs: 15 * MINUTE },
  'factor-account': { quota: 30, windowMs: 24 * HOUR },
  'factor-change': { quota: 20, windowMs: HOUR },
  'passkey-network': { quota: 100, windowMs: 15 * MINUTE },
  'passkey-account': { quota: 300, windowMs: HOUR },
  'refresh-session': { quota: 60, windowMs: MINUTE },
  'look-session': { quota: 30, windowMs: MINUTE },
  'sessions-account': { quota: 120, windowMs: MINUTE },
  /** Ten resource servers behind one address that have no stream. */
  'feed-network': { quota: 1200, windowMs: MINUTE },
  'events-key': { quota: 600, windowMs: MINUTE },
} as const satisfies Record<string, Rate>;

export type RateName = keyof typeof DEFAULT_RATES;
export type Rates = Readonly<Record<RateName, Rate>>;

const NAMES = Object.keys(DEFAULT_RATES) as RateName[];
const MAX_QUOTA = 1_000_000;
const readWindow = duration('1s', '7d');

/** Reads `NAME=COUNT/DURATION,…`; limits that are not named keep their defaults. */
export function rates(text: string): Parsed<Rates> {
  const changed = new Map<RateName, Rate>();
  for (const entry of entriesOf(text)) {
    const [, named = '', count, window = ''] = /^([^=]*)=(\d{1,7})\/(\w+)$/.exec(entry) ?? [];
    const name = NAMES.find((each) => each === (named || entry.split('=')[0]));
    if (name === undefined) return { fault: unknownName(entry) };
    const parsed = readWindow(window);
    const quota = Number(count);
    if (!('value' in parsed) || !(quota >= 1 && quota <= MAX_QUOTA))
      return { fault: `has no COUNT/DURATION from 1/1s to ${MAX_QUOTA}/7d for ${name}` };
    if (changed.has(name)) return { fault: `names ${name} twice` };
    changed.set(name, { quota, windowMs: parsed.value });
  }
  return { value: Object.freeze({ ...DEFAULT_RATES, ...Object.fromEntries(changed) }) };
}

function unknownName(entry: string): string {
  const given = entry.split('=')[0] ?? '';
  // Anything else may be a secret in the wrong variable.
  const quoted = /^[a-z-]{1,20}$/.test(given) ? `names ${given}` : 'has an entry';
  const [nearest] = NAMES.map((name) => ({ name, distance: editDistance(given, name) }))
    .filter(({ name, distance }) => distance <= name.length / 3)
    .sort((a, b) => a.distance - b.distance);
  const hint = nearest ? `, did you mean ${nearest.name}?` : '';
  return `${quoted}, which is no limit${hint} (limits: ${NAMES.join(', ')})`;
}
