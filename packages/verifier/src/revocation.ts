/** An entry of the feed; subjects are base64url SHA-256 (docs/sessions.md, "The feed"). */
export type Revocation = {
  readonly seq: number;
  /** Epoch seconds. */
  readonly expiresAt: number;
} & (
  | { readonly session: string }
  /** Sessions of this account of an earlier series have ended, `kept` excepted. */
  | {
      readonly account: string;
      readonly series: number;
      readonly kept: string | undefined;
      readonly issuedBefore: number;
    }
  /** Access tokens of this account with an earlier version of its claims are stale; its sessions go on. */
  | { readonly claimsOf: string; readonly version: number }
  /** Tokens without session of this user with an earlier `iat` (epoch seconds) are revoked. */
  | { readonly user: string; readonly issuedBefore: number }
  /** The issuer was restored from a backup: any token with an earlier `iat` is revoked. */
  | { readonly all: true; readonly issuedBefore: number }
);

/** @throws {Error} when this is no entry of a revocation feed */
export function readRevocation(value: unknown): Revocation {
  const entry: { [name: string]: unknown } =
    typeof value === 'object' && value !== null ? { ...value } : {};
  const {
    seq,
    session,
    claims: version,
    user,
    all,
    issued_before: issuedBefore,
    expires_at: expiresAt,
  } = entry;
  if (isTime(seq) && isTime(expiresAt)) {
    if (isHash(session) && isTime(version)) return { seq, claimsOf: session, version, expiresAt };
    if (isHash(session) && entry['series'] === undefined) return { seq, session, expiresAt };
    if (isHash(session)) return readAccount(session, { seq, expiresAt }, entry);
    if (all === true && isTime(issuedBefore)) return { seq, all, issuedBefore, expiresAt };
    if (isHash(user) && isTime(issuedBefore)) return { seq, user, issuedBefore, expiresAt };
  }
  throw unreadable();
}

function readAccount(
  account: string,
  common: { readonly seq: number; readonly expiresAt: number },
  { series, kept, issued_before: issuedBefore }: { readonly [name: string]: unknown },
): Revocation {
  if (isTime(series) && isTime(issuedBefore) && (kept === undefined || isHash(kept)))
    return { ...common, account, series, kept, issuedBefore };
  throw unreadable();
}

const unreadable = () => new Error('The feed holds something else than revocations');

const isTime = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
const isHash = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w-]{43}$/.test(value);
