/** What a hashing thread is asked and answers; plain data, because it travels between threads. */
import type { Argon2Cost } from '../setting-values.ts';
import { argon2, createDummy, hashArgon2 } from './argon2.ts';
import type { Scheme } from './scheme.ts';

export type Job =
  | { readonly kind: 'hash'; readonly password: string; readonly cost: Argon2Cost }
  | {
      readonly kind: 'verify';
      /** `undefined` = nothing to compare with; costs a hash of `cost` all the same. */
      readonly stored: string | undefined;
      readonly password: string;
      readonly cost: Argon2Cost;
    };

export type Done =
  | { readonly kind: 'hash'; readonly hash: string }
  | {
      readonly kind: 'verify';
      readonly matches: boolean;
      /** Why the stored text could not be read. */
      readonly unreadable?: string;
    };

/** A new scheme is a file and a line here. */
const SCHEMES: readonly Scheme[] = [argon2];

/** Does a job on the calling thread. */
export function perform(job: Job): Done {
  if (job.kind === 'hash') return { kind: 'hash', hash: hashArgon2(job.password, job.cost) };
  const { stored, password, cost } = job;
  if (stored === undefined) return fail(password, cost);
  const scheme = SCHEMES.find((each) => each.reads(stored));
  if (!scheme) return { ...fail(password, cost), unreadable: 'unknown scheme' };
  try {
    return { kind: 'verify', matches: scheme.matches(stored, password) };
  } catch (error) {
    const unreadable = error instanceof Error ? error.message : String(error);
    return { ...fail(password, cost), unreadable };
  }
}

function fail(password: string, cost: Argon2Cost) {
  argon2.matches(createDummy(cost), password);
  return { kind: 'verify', matches: false } as const;
}
