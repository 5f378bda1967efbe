/** The request and the response of a page of an account. */
import type { RefusalCode } from '../../errors.ts';
import type { RequestView } from '../../http/action.ts';
import type { Language } from '../../language.ts';
import type { Caller } from '../../users/user.ts';
import type { Sent } from '../sent.ts';
import type { Texts } from './texts-en.ts';

export type Visit = {
  readonly request: RequestView;
  readonly language: Language;
  readonly texts: Texts;
  /** The path of the page, as people see it. */
  readonly here: string;
  /** The fields of the form; none where the page is opened. */
  readonly sent: Sent;
  /** Why the form that was sent is shown again: sentences of the page's language. */
  readonly faults: readonly string[];
  readonly refused?: RefusalCode;
};

export type LoggedInVisit = Visit & { readonly caller: Caller };

/** A page, or another address; relative, or a path of this origin. */
export type Reply = { readonly page: string } | { readonly goTo: string };

/** `show` changes nothing; after a `Refusal` of `submit` it shows the same form again. */
export type Page<V extends Visit> = {
  readonly show: (visit: V) => Promise<Reply>;
  /** @throws {Refusal} */
  readonly submit: (visit: V) => Promise<Reply>;
};
