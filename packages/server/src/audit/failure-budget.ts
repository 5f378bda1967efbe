/**
 * Which failed logins are written one by one; the others are only counted. Pure but for the counts
 * it keeps. A flood on made-up accounts has a budget of its own, so that it cannot hide the wrong
 * passwords that are tried on a real one.
 */

type Budget = {
  /** The most that are written at once. */
  readonly most: number;
  /** Milliseconds until one more may be written. */
  readonly everyMs: number;
};

/** Failed logins of accounts that do not exist, and logins refused before the password was checked. */
export const UNKNOWN: Budget = { most: 60, everyMs: 1000 };
/** Failed logins of one account. */
const ONE_ACCOUNT: Budget = { most: 20, everyMs: 60_000 };
/** Failed logins of all accounts together: the bound for a flood on real accounts. */
export const ALL_ACCOUNTS: Budget = { most: 300, everyMs: 200 };
/** Accounts with a budget in memory; the one whose last failure is oldest is forgotten first. */
const MAX_ACCOUNTS = 1000;

type Purse = { left: number; at: number };

const fill = ({ most, everyMs }: Budget, purse: Purse, now: number): Purse => ({
  left: Math.min(most, purse.left + Math.max(0, now - purse.at) / everyMs),
  at: now,
});

/** @returns whether one more failed login, of this account where it exists, is written */
export function createFailureBudget() {
  let unknown: Purse = { left: UNKNOWN.most, at: 0 };
  let known: Purse = { left: ALL_ACCOUNTS.most, at: 0 };
  const accounts = new Map<number, Purse>();

  function takeUnknown(now: number): boolean {
    unknown = fill(UNKNOWN, unknown, now);
    if (unknown.left < 1) return false;
    unknown.left--;
    return true;
  }

  function takeKnown(userId: number, now: number): boolean {
    known = fill(ALL_ACCOUNTS, known, now);
    const own = fill(ONE_ACCOUNT, accounts.get(userId) ?? { left: ONE_ACCOUNT.most, at: now }, now);
    accounts.delete(userId);
    accounts.set(userId, own);
    const [oldest] = accounts.keys();
    if (accounts.size > MAX_ACCOUNTS && oldest !== undefined) accounts.delete(oldest);
    if (own.left < 1 || known.left < 1) return false;
    own.left--;
    known.left--;
    return true;
  }

  return (userId: number | undefined, now: number): boolean =>
    userId === undefined ? takeUnknown(now) : takeKnown(userId, now);
}
