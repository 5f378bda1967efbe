import type { Ours } from './expected.ts';

/** A deliberate difference from SimpleJWT: which recorded cases show it, and what we answer. */
export type Difference = {
  readonly id: string;
  readonly title: string;
  /** A paragraph of CONTRACT.md, or a case or policy of SECURITY.md. */
  readonly contract: string;
  readonly why: string;
  /** Names of cases, in whatever mode. */
  readonly cases: readonly string[];
  readonly ours: Ours;
};

export const named = (prefix: string, ...names: string[]) => names.map((name) => prefix + name);
