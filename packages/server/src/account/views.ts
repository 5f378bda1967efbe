/** One function a page: its form. Pure. */
import type { Language } from '../language.ts';
import { type Html, html } from './html.ts';
import {
  askAgain,
  codeFields,
  done,
  form,
  linkFields,
  type PageName,
  pasteField,
  type Shown,
} from './layout.ts';
import { type Texts, textsIn } from './texts.ts';

type View = (texts: Texts, shown: Shown) => { readonly fields: Html; readonly after?: Html };

const views: Readonly<Record<PageName, View>> = {
  forgot: (texts, { values = {} }) => ({
    fields: html`<label>${texts.address}<input name="email" type="email" autocomplete="email" required value="${values['email'] ?? ''}"></label>`,
    after: html`<p><a href="reset">${texts.forgot.next}</a></p>`,
  }),
  reset: (texts, shown) => ({
    fields: html`${linkFields(shown)}${shown.isMailOff ? pasteField(texts, shown) : codeFields(texts, shown)}
<label>${texts.password}<input name="new_password" type="password" autocomplete="new-password" required></label>`,
    ...(!shown.isMailOff && { after: askAgain(texts) }),
  }),
  activate: (texts, shown) => ({
    fields: html`${linkFields(shown)}${codeFields(texts, shown)}`,
  }),
  email: (texts, shown) => ({ fields: html`${linkFields(shown)}${pasteField(texts, shown)}` }),
  undo: (texts, shown) => ({ fields: html`${linkFields(shown)}${pasteField(texts, shown)}` }),
};

/** The page at first, or again with the faults of what was sent. */
export function view(language: Language, name: PageName, shown: Shown = {}): string {
  const { fields, after } = views[name](textsIn(language), shown);
  return form(language, name, fields, shown, after);
}

/** The uid and token of a pasted link. */
export function readLink(link: string): { uid: string; token: string } | undefined {
  const values = new URLSearchParams(link.split('#')[1] ?? '');
  const [uid, token] = [values.get('uid'), values.get('token')];
  return uid && token ? { uid, token } : undefined;
}

/** The page after a press of the button: the next step, where there is one. */
export function doneView(language: Language, name: PageName): string {
  const { forgot } = textsIn(language);
  const next: Partial<Record<PageName, Html>> = {
    forgot: html`<p><a href="reset">${forgot.next}</a></p>`,
    undo: html`<p><a href="forgot">${forgot.title}</a></p>`,
  };
  return done(language, name, next[name]);
}
