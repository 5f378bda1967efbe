/** Static codes of django-otp: which of them become recovery codes. Pure. */
import type { PublicId } from '../config/public-id.ts';
import { readStatic } from '../mfa/recovery-codes.ts';

/** A code in the source; `owner` is the id of its account there. */
export type ForeignCode = {
  readonly owner: unknown;
  /** Whether its device is confirmed, as the source writes it. */
  readonly confirmed: unknown;
  readonly token: unknown;
};

export type Code = { readonly owner: PublicId; readonly code: string };

/** Why a code is not imported. */
export const CODE_FAULTS = ['no_app', 'unconfirmed', 'weak', 'too_many', 'no_key'] as const;
export type CodeFault = (typeof CODE_FAULTS)[number];

export type CodePlan = {
  readonly codes: readonly Code[];
  readonly left: Readonly<Partial<Record<CodeFault, number>>>;
};

export type CodeRules = {
  /** Whether there is a key for the hashes of codes. */
  readonly isKept: boolean;
  readonly isCommon: (code: string) => boolean;
};

/** Each further code makes guessing easier. */
const MOST_CODES = 20;
/** Fewer than one in a thousand random codes have fewer different characters. */
const DIFFERENT = 5;

export const isConfirmed = ({ confirmed }: { readonly confirmed: unknown }): boolean =>
  /^(?:1|true|t)$/i.test(String(confirmed));

/** @param withApps the accounts whose app is imported, because codes alone are no factor here */
export function planCodes(
  found: readonly (ForeignCode & { readonly owner: PublicId | undefined })[],
  withApps: ReadonlySet<PublicId>,
  { isKept, isCommon }: CodeRules,
): CodePlan {
  const codes: Code[] = [];
  const left: Partial<Record<CodeFault, number>> = {};
  const counts = new Map<PublicId, number>();
  const examine = (each: (typeof found)[number]): Code | CodeFault => {
    const { owner, token } = each;
    if (owner === undefined || !withApps.has(owner)) return 'no_app';
    if (!isConfirmed(each)) return 'unconfirmed';
    const code = typeof token === 'string' ? readStatic(token) : undefined;
    if (code === undefined || code !== token || new Set(code).size < DIFFERENT || isCommon(code))
      return 'weak';
    if ((counts.get(owner) ?? 0) >= MOST_CODES) return 'too_many';
    return isKept ? { owner, code } : 'no_key';
  };
  for (const each of found) {
    const code = examine(each);
    if (typeof code === 'string') {
      left[code] = (left[code] ?? 0) + 1;
      continue;
    }
    codes.push(code);
    counts.set(code.owner, (counts.get(code.owner) ?? 0) + 1);
  }
  return { codes, left };
}
