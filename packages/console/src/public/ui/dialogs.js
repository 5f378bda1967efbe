import { useDialog } from '../dialogs.js';
import { html } from '../html.js';
import { texts } from '../language.js';
import { useEffect, useId, useRef, useState } from '../vendor/hooks.js';
import { Copy } from './parts.js';

/** @typedef {import('../../types.ts').Drawn} Drawn */

/**
 * The browser's own modal: it keeps the focus inside, Escape closes it, and the focus returns.
 *
 * @param {{ title: string, onClose: () => void, children: Drawn }} props
 */
export function Modal({ title, onClose, children }) {
  /** @type {{ current: HTMLDialogElement | null }} */
  const element = useRef(null);
  const id = useId();
  useEffect(() => {
    const shown = element.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return html`<dialog ref=${element} aria-labelledby=${id} onCancel=${onClose}>
    <h2 id=${id}>${title}</h2>${children}</dialog>`;
}

/** @param {import('../dialogs.js').Question} props */
function Question({ title, text, button, isDanger, settle }) {
  const t = texts().common;
  return html`<${Modal} title=${title} onClose=${() => settle(false)}>
    ${text && html`<p>${text}</p>`}
    <div class="buttons">
      <button type="button" onClick=${() => settle(false)}>${t.cancel}</button>
      <button type="button" class=${isDanger ? 'danger' : 'main'} autofocus
        onClick=${() => settle(true)}>${button}</button>
    </div><//>`;
}

/** @param {import('../dialogs.js').Confirmation} props */
function Confirmation({ send, settle }) {
  const t = texts().confirm;
  const [needsCode, setNeedsCode] = useState(false);
  const [fault, setFault] = useState('');
  const [isBusy, setBusy] = useState(false);
  /** @param {SubmitEvent} event */
  const submit = async (event) => {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const code = String(fields.get('code') ?? '').trim();
    setBusy(true);
    try {
      await send({ current_password: String(fields.get('password')), ...(code && { code }) });
      settle(true);
    } catch (error) {
      const { code: kind, message } = /** @type {import('../api.js').ApiError} */ (error);
      setBusy(false);
      const isFirst = kind === 'second_factor_required' && !needsCode;
      setNeedsCode(needsCode || kind === 'second_factor_required');
      setFault(isFirst ? '' : message);
    }
  };
  return html`<${Modal} title=${t.title} onClose=${() => settle(false)}>
    <p>${t.text}</p>
    ${fault && html`<p class="bad" role="alert">${fault}</p>`}
    <form onSubmit=${submit}>
      <label>${t.password}<input name="password" type="password" autocomplete="current-password"
        required autofocus /></label>
      ${
        needsCode &&
        html`<label>${t.code}<input name="code" inputmode="numeric" autocomplete="one-time-code"
          required ref=${focus} /></label>`
      }
      <div class="buttons">
        <button type="button" onClick=${() => settle(false)}>${texts().common.cancel}</button>
        <button class="main" disabled=${isBusy}>${t.button}</button>
      </div>
    </form><//>`;
}

/** @param {HTMLElement | null} element that has just appeared */
const focus = (element) => element?.focus();

/** @param {import('../dialogs.js').Secret} props */
function Secret({ title, text, secret, settle }) {
  const t = texts().common;
  return html`<${Modal} title=${title} onClose=${() => settle(true)}>
    <p>${text}</p>
    <p class="secret"><code>${secret}</code> <${Copy} text=${secret} /></p>
    <div class="buttons"><button type="button" class="main" onClick=${() => settle(true)}>
      ${t.close}</button></div><//>`;
}

/** The present dialog, if any. */
export function Dialogs() {
  const dialog = useDialog();
  if (dialog?.kind === 'question') return html`<${Question} ...${dialog} />`;
  if (dialog?.kind === 'confirmation') return html`<${Confirmation} ...${dialog} />`;
  if (dialog?.kind === 'secret') return html`<${Secret} ...${dialog} />`;
  return null;
}
