import type { Language } from '../language.ts';
import type { Letter } from './layout.ts';

/** The values that a mail may contain. */
export type Facts = {
  /** The account's address, as typed. */
  readonly account: string;
  /** When it happened, in UTC: `2026-11-26 01:02 UTC`. */
  readonly time: string;
  /** The client's network, or `unknown`. */
  readonly network: string;
  /** In mails that carry a token. */
  readonly link: string;
  readonly code: string;
  /** In mails about a change of address. */
  readonly newAddress: string;
  readonly count: number;
};

export type Template = (facts: Facts) => Readonly<Record<Language, Letter>>;
