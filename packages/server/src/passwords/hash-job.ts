/** Requests and results of a hashing thread; plain data, because it travels between threads. */
import type { Argon2Cost } from '../config/values.ts';
import { argon2, createDummy, hashArgon2 } from './argon2.ts';
import { SCHEMES } from './schemes.ts';

export type Job =
  | { readonly kind: 'hash'; readonly password: string; readonly cost: Argon2Cost }
  | {
      readonly kind: 'verify';
      /** `undefined` = nothing to compare with, which still costs a hash of `cost`. */
      readonly stored: string | undefined;
      /** The forms in which the password may have been hashed; one that matches is enough. */
      readonly forms: readonly string[];
      readonly cost: Argon2Cost;
    };

/** Includes the milliseconds that it took on this thread. */
export type Done = { readonly ms: number } & (
  | { readonly kind: 'hash'; readonly hash: string }
  | {
      readonly kind: 'verify';
      readonly matches: boolean;
      /** The costs of the compared hash, which determine the duration. */
      readonly costs: string;
      /** Why the stored text could not be read. */
      readonly unreadable?: string;
    }
);

/** Does a job on the calling thread. */
export function perform(job: Job): Done {
  const startedAt = performance.now();
  const outcome =
    job.kind === 'hash'
      ? { kind: job.kind, hash: hashArgon2(job.password, job.cost) }
      : { kind: job.kind, ...compare(job) };
  return { ...outcome, ms: performance.now() - startedAt };
}

type Verify = Extract<Job, { kind: 'verify' }>;

function compare({ stored, forms, cost }: Verify) {
  const fail = (unreadable?: string) => {
    const dummy = createDummy(cost);
    for (const form of forms) argon2.matches(dummy, form);
    const costs = argon2.costs(dummy);
    return { matches: false, costs, ...(unreadable !== undefined && { unreadable }) };
  };
  if (stored === undefined) return fail();
  const scheme = SCHEMES.find((each) => each.reads(stored));
  if (!scheme) return fail('unknown scheme');
  try {
    const costs = scheme.costs(stored);
    return { matches: forms.some((form) => scheme.matches(stored, form)), costs };
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}
