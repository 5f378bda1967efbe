import type { Ours } from './expected.ts';

/** A deliberate difference from SimpleJWT: which recorded cases show it, and what we answer. */
export type Difference = {
  readonly id: string;
  readonly title: string;
  /** The reason: a case of docs/security-cases.md, a rule of the contract or a policy. */
  readonly contract: string;
  readonly why: string;
  /** Names of cases, in whatever mode. */
  readonly cases: readonly string[];
  readonly ours: Ours;
};

export const named = (prefix: string, ...names: string[]) => names.map((name) => prefix + name);
