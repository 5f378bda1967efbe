import type { Origin } from '../audit/event.ts';
import { networkOf } from '../config/network-address.ts';
import type { Language } from '../language.ts';

/** Counts a mail; `false` = this account has had enough of them. @throws {Refusal} `throttled` by network */
export type CountMail = (account: string, network: string) => Promise<boolean>;

/** What a mail tells of the request that caused it, and in which language. */
export const readerOf = ({ address = '', language = 'en' }: Origin): Reader => ({
  network: networkOf(address),
  language,
});

type Reader = { readonly network: string; readonly language: Language };
