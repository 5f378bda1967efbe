import type { Origin } from '../audit/event.ts';
import { networkOf } from '../config/network-address.ts';
import type { Language } from '../language.ts';

/** Counts a mail; `false` = one of these accounts has had enough of them. @throws {Refusal} `throttled` by network */
export type CountMail = (network: string, ...accounts: string[]) => Promise<boolean>;

/** How long a mail that was asked for is tried: longer than its token lives, which is made anew then. */
export const MAIL_LIFETIME_MS = 2 * 3_600_000;

/** The facts of the request that a mail names, and its language. */
export const readerOf = ({ address = '', language = 'en' }: Origin): Reader => ({
  network: networkOf(address),
  language,
});

type Reader = { readonly network: string; readonly language: Language };
