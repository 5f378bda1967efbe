/** Authenticator apps of another service: which of them work here, and why the others do not. Pure. */
import type { PublicId } from '../config/public-id.ts';
import { idOf, uuidOf } from './candidate.ts';
import {
  type CodePlan,
  type CodeRules,
  type ForeignCode,
  isConfirmed,
  planCodes,
} from './static-codes.ts';

/** A second factor in the source; `owner` is the id of its account there. */
export type ForeignFactor = {
  readonly owner: unknown;
  readonly confirmed: unknown;
  /** Absent: a factor of another kind than TOTP. */
  readonly totp?: Readonly<Record<string, unknown>>;
};

export type ForeignFactors = {
  readonly factors: readonly ForeignFactor[];
  readonly codes: readonly ForeignCode[];
};

export type App = {
  readonly owner: PublicId;
  readonly name: string;
  readonly secret: Uint8Array;
  readonly digits: number;
  readonly period: number;
  readonly lastStep: number;
};

/** Why a factor is not imported. */
export const APP_FAULTS = [
  'no_account',
  'present',
  'unconfirmed',
  'other_kind',
  'other_parameters',
  'invalid_key',
  'too_many',
] as const;
export type AppFault = (typeof APP_FAULTS)[number];

export type AppPlan = {
  readonly apps: readonly App[];
  readonly left: Readonly<Partial<Record<AppFault, number>>>;
  /** How many of the apps have clocks that are off by more than the accepted steps. */
  readonly clocksOff: number;
  readonly codes: CodePlan;
};

const NAME_LENGTH = 60;
const MOST_APPS = 10;
const DIGITS: readonly unknown[] = [6, 8];
const PERIODS: readonly unknown[] = [30, 60];
/** Steps before and after the present one whose codes are accepted. */
const WINDOW = 1;

/**
 * Apps are imported with new accounts only, never into an existing account: its owner may have set up
 * others, or removed this one.
 */
export function planApps(
  { factors, codes }: ForeignFactors,
  arriving: ReadonlySet<PublicId>,
  present: ReadonlySet<PublicId>,
  codeRules: CodeRules,
): AppPlan {
  const apps: App[] = [];
  const left: Partial<Record<AppFault, number>> = {};
  const appsOf = new Map<PublicId, number>();
  let clocksOff = 0;
  const readFactor = (factor: ForeignFactor): App | AppFault => {
    const owner = ownerOf(factor.owner);
    if (owner !== undefined && present.has(owner)) return 'present';
    if (owner === undefined || !arriving.has(owner)) return 'no_account';
    if (!isConfirmed(factor)) return 'unconfirmed';
    if (factor.totp === undefined) return 'other_kind';
    const app = appOf(owner, factor.totp);
    return typeof app !== 'string' && (appsOf.get(owner) ?? 0) >= MOST_APPS ? 'too_many' : app;
  };
  for (const factor of factors) {
    const app = readFactor(factor);
    if (typeof app === 'string') {
      left[app] = (left[app] ?? 0) + 1;
      continue;
    }
    apps.push(app);
    appsOf.set(app.owner, (appsOf.get(app.owner) ?? 0) + 1);
    if (Math.abs(integerOf(factor.totp?.['drift']) ?? 0) > WINDOW) clocksOff += 1;
  }
  const owned = codes.map((code) => ({ ...code, owner: ownerOf(code.owner) }));
  return { apps, left, clocksOff, codes: planCodes(owned, new Set(appsOf.keys()), codeRules) };
}

function appOf(owner: PublicId, row: Readonly<Record<string, unknown>>): App | AppFault {
  const [digits, period] = [integerOf(row['digits']), integerOf(row['step'])];
  const lastStep = integerOf(row['last_t']);
  if (digits === undefined || period === undefined || lastStep === undefined)
    return 'other_parameters';
  if (!DIGITS.includes(digits) || !PERIODS.includes(period) || integerOf(row['t0']) !== 0)
    return 'other_parameters';
  const key = String(row['key']);
  // At least 80 bits, the shortest secret that apps are given. django-otp stores up to 40 bytes.
  if (!/^(?:[\da-f]{2}){10,64}$/i.test(key)) return 'invalid_key';
  const name = String(row['name'] ?? '').trim() || 'Authenticator app';
  return {
    owner,
    name: name.slice(0, NAME_LENGTH),
    secret: Uint8Array.from(Buffer.from(key, 'hex')),
    digits,
    period,
    // -1 in django-otp means that no code was used yet.
    lastStep: Math.max(0, lastStep),
  };
}

function ownerOf(value: unknown): PublicId | undefined {
  const id = uuidOf(value) ?? idOf(value);
  return id === 'invalid' ? undefined : id;
}

const integerOf = (value: unknown): number | undefined =>
  /^-?\d{1,15}$/.test(String(value)) ? Number(value) : undefined;
