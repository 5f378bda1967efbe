import type { Origin } from '../audit/event.ts';
import { networkOf } from '../config/network-address.ts';
import type { Language } from '../language.ts';

/** Counts a mail; `false` = an account is at its limit. @throws {Refusal} `throttled` by network */
export type CountMail = (network: string, ...accounts: string[]) => Promise<boolean>;

/** How long a requested mail is retried. Its token may expire before, and is then replaced. */
export const MAIL_LIFETIME_MS = 2 * 3_600_000;

/** The network and the language of the request, for its mail. */
export const readerOf = ({ address = '', language = 'en' }: Origin): Reader => ({
  network: networkOf(address),
  language,
});

type Reader = { readonly network: string; readonly language: Language };
