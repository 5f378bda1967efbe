import { call } from '../api.js';
import { html } from '../html.js';
import { texts } from '../language.js';
import { session } from '../session.js';
import { LanguageChoice } from '../ui/frame.js';
import { Icon } from '../ui/icons.js';
import { useEffect, useState } from '../vendor/hooks.js';

/** @typedef {import('../../types.ts').Drawn} Drawn */
/** @typedef {import('../api.js').ApiError} ApiError */

/** A form alone on its page. @param {{ title: string, children: Drawn }} props */
export function Entrance({ title, children }) {
  useEffect(() => {
    document.title = `${title} · Gatepass`;
  }, [title]);
  return html`<main class="entrance"><div class="card">
    <p class="brand"><${Icon} name="gate" />Gatepass</p>
    <h1>${title}</h1>${children}</div><${LanguageChoice} /></main>`;
}

/**
 * Sends the credentials of a login, and a code once the service asks for one.
 *
 * @param {string} path below /api/admin/
 */
export function useEntrance(path) {
  const [needsCode, setNeedsCode] = useState(false);
  const [fault, setFault] = useState('');
  const [isBusy, setBusy] = useState(false);
  /** @param {SubmitEvent} event */
  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const sent = [...form].map(([name, value]) => [
      name,
      name === 'password' ? value : String(value).trim(),
    ]);
    const body = Object.fromEntries(sent.filter(([, value]) => value !== ''));
    setBusy(true);
    try {
      /** @type {{ token: string }} */
      const { token } = await call(path, { method: 'POST', body });
      if (path === 'setup') location.hash = '#/';
      session.begin(token);
    } catch (error) {
      const { code, message } = /** @type {ApiError} */ (error);
      const isFirst = code === 'second_factor_required' && !needsCode;
      setNeedsCode(needsCode || code === 'second_factor_required');
      setFault(sentenceOf(code, message, isFirst));
      setBusy(false);
    }
  };
  return { needsCode, fault, isBusy, submit };
}

/**
 * @param {string | undefined} code
 * @param {string} message
 * @param {boolean} isFirst the first request for a code is not an error
 */
function sentenceOf(code, message, isFirst) {
  if (code === 'second_factor_setup_required') return texts().login.setUpFactor;
  return isFirst ? '' : message;
}

/** @param {HTMLElement | null} element that has just appeared */
const focus = (element) => element?.focus();

/** @param {{ label: string }} props */
export const CodeField = ({ label }) =>
  html`<label>${label}<input name="code" inputmode="numeric" autocomplete="one-time-code" required
    ref=${focus} /></label>`;

export function Login() {
  const t = texts().login;
  const { needsCode, fault, isBusy, submit } = useEntrance('login');
  const ending = session.ending();
  return html`<${Entrance} title=${t.title}>
    ${ending && !fault && html`<p class="soft" role="status">${t[ending]}</p>`}
    ${fault && html`<p class="bad" role="alert">${fault}</p>`}
    <form onSubmit=${submit}>
      <label>${t.email}<input name="email" type="text" inputmode="email" autocomplete="username"
        required autofocus /></label>
      <label>${t.password}<input name="password" type="password" autocomplete="current-password"
        required /></label>
      ${needsCode && html`<${CodeField} label=${t.code} />`}
      <button class="main" disabled=${isBusy}>${t.button}</button>
    </form><//>`;
}
