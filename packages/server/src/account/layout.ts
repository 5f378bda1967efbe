/** The frame of every page behind a mailed link, and the parts that forms share. Pure. */
import type { Language } from '../language.ts';
import { documentOf } from './document.ts';
import { type Html, html } from './html.ts';
import { type Texts, textsIn } from './texts.ts';

/** The pages, by the last part of their URL. */
export type PageName = 'forgot' | 'reset' | 'activate' | 'email' | 'undo';

/**
 * Shown beside a page's form: the values that were sent (never the password), their faults, and
 * whether mail is off.
 */
export type Shown = {
  readonly values?: Readonly<Record<string, string>>;
  readonly faults?: readonly string[];
  /** Without mail there are no codes, and no other mail can be requested. */
  readonly isMailOff?: boolean;
};

export const frame = (language: Language, title: string, content: Html): string =>
  documentOf(
    language,
    title,
    html`<main><h1>${title}</h1>
${content}
</main><script type="module" src="link.js"></script>`,
  );

/** The form of a page: nothing happens before its button is pressed. */
export function form(
  language: Language,
  name: PageName,
  fields: Html,
  { faults = [] }: Shown,
  after?: Html,
): string {
  const texts = textsIn(language)[name];
  const complaints = faults.map((fault) => html`<p class="bad" role="alert">${fault}</p>`);
  return frame(
    language,
    texts.title,
    html`<p class="soft">${texts.lead}</p>
${complaints}
<form method="post" action="${name}" data-link>
${fields}
<button>${texts.button}</button>
</form>
${after}`,
  );
}

export const done = (language: Language, name: PageName, after?: Html): string => {
  const texts = textsIn(language)[name];
  return frame(
    language,
    texts.title,
    html`<p class="good" role="status">${texts.done}</p>${after}`,
  );
};

/** Filled by the script from the link's fragment, or after a fault from what was sent. */
export const linkFields = ({ values = {} }: Shown): Html => html`
<input type="hidden" name="uid" value="${values['uid'] ?? ''}">
<input type="hidden" name="token" value="${values['token'] ?? ''}">`;

/** For users who type the code, on another device or without JavaScript. */
export const codeFields = (texts: Texts, { values = {} }: Shown): Html =>
  values['token']
    ? html``
    : html`<div class="unlinked">
<label>${texts.address}<input name="email" type="email" autocomplete="email" required value="${values['email'] ?? ''}"></label>
<label>${texts.code}<input name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9]{8}" required></label>
</div>`;

/** For mails that have no code: the whole link, where no script has read it. */
export const pasteField = (texts: Texts, { values = {} }: Shown): Html =>
  values['token']
    ? html``
    : html`<div class="unlinked">
<label>${texts.link}<input name="link" type="url" required></label>
</div>`;

export const askAgain = (texts: Texts): Html => html`<p><a href="forgot">${texts.again}</a></p>`;
