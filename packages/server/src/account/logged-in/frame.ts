/** The frame of the pages of an account, and the parts that they share. Pure. */
import type { Language } from '../../language.ts';
import { documentOf } from '../document.ts';
import { type Html, html } from '../html.ts';
import type { Texts } from './texts-en.ts';
import type { Visit } from './visit.ts';

export const frame = (language: Language, title: string, content: Html): string =>
  documentOf(
    language,
    title,
    html`<main class="account">
${content}
</main><script type="module" src="account.js"></script>`,
  );

/** @param done what has just been done */
export function pageOf(
  { language, faults, texts }: Visit,
  title: string,
  content: Html,
  { isBelow = true, done }: { readonly isBelow?: boolean; readonly done?: string | undefined } = {},
): { readonly page: string } {
  const above = isBelow ? html`<nav><a href="./">← ${texts.back}</a></nav>` : undefined;
  const said = done === undefined ? undefined : html`<p class="good" role="status">${done}</p>`;
  const complaints = faults.map((fault) => html`<p class="bad" role="alert">${fault}</p>`);
  return {
    page: frame(
      language,
      title,
      html`${above}<h1>${title}</h1>
${said}${complaints}
${content}`,
    ),
  };
}

export const passwordField = (label: string, name: string, autocomplete: string): Html =>
  html`<label>${label}<input name="${name}" type="password" autocomplete="${autocomplete}" required></label>`;

/** For a code of the app or a recovery code, which contains letters. */
export const codeField = (texts: Texts): Html =>
  html`<label>${texts.code}<input name="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" aria-describedby="code-hint" required></label>
<p class="hint" id="code-hint">${texts.codeHint}</p>`;

export const hidden = (name: string, value: string): Html =>
  html`<input type="hidden" name="${name}" value="${value}">`;

const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', ru: 'ru-RU' };
// Made for the first page that shows a time: Node's data of locales are 10 MiB of an idle process.
const formats = new Map<Language, Intl.DateTimeFormat>();

function formatOf(language: Language): Intl.DateTimeFormat {
  const format =
    formats.get(language) ??
    new Intl.DateTimeFormat(LOCALES[language], {
      dateStyle: 'medium',
      timeStyle: 'short',
      timeZone: 'UTC',
    });
  formats.set(language, format);
  return format;
}

/** In UTC; the script shows it in the zone of the browser. */
export const moment = (language: Language, epochMs: number): Html =>
  html`<time datetime="${new Date(epochMs).toISOString()}">${formatOf(language).format(epochMs)} UTC</time>`;

export const fact = (name: string, value: Html | string): Html =>
  html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
