import { call } from '../api.js';
import { html } from '../html.js';
import { language, texts } from '../language.js';
import { go, linkTo } from '../router.js';
import { session } from '../session.js';
import { useEffect } from '../vendor/hooks.js';
import { Icon } from './icons.js';
import { useLoad } from './load.js';

/** @typedef {import('../../types.ts').Login} Login */

const SCREENS = /** @type {const} */ (['', 'users', 'audit', 'keys', 'system']);

/**
 * The navigation, a search unless the screen has its own, and the screen.
 *
 * @param {{ screen: string, isSearching: boolean, children: unknown }} props
 */
export function Frame({ screen, isSearching, children }) {
  const t = texts();
  /** @type {import('./load.js').Loading<Login>} */
  const { data } = useLoad('session', (signal) => call('session', { signal }));
  useSlash();
  /** @param {SubmitEvent} event */
  const find = (event) => {
    event.preventDefault();
    const { value } = /** @type {HTMLInputElement} */ (searchField());
    go(linkTo(['users'], { q: value.trim() }));
  };
  const logOut = async () => {
    await call('session', { method: 'DELETE' }).catch(() => undefined);
    session.end('left');
  };
  const current = /** @param {string} name */ (name) => (name === screen ? 'page' : undefined);
  return html`<a class="skip" href="#main" onClick=${skip}>${t.frame.skip}</a>
    <div class="frame">
      <aside>
        <a class="brand" href="#/"><${Icon} name="gate" />Gatepass</a>
        <nav aria-label=${t.frame.navigation}>${SCREENS.map(
          (name) => html`<a key=${name} href=${linkTo([name])} aria-current=${current(name)}>
            <${Icon} name=${name || 'overview'} /><span>${t.screens[name || 'overview']}</span></a>`,
        )}</nav>
        <div class="self">
          <span class="address" title=${data?.user.email ?? ''}>${data?.user.email}</span>
          <span class="buttons"><${LanguageChoice} />
          <button type="button" class="quiet" onClick=${logOut}>${t.frame.logOut}</button></span>
        </div>
      </aside>
      <div class="body">
        ${
          isSearching ||
          html`<form class="finder" role="search" onSubmit=${find}>
          <input type="search" aria-label=${t.frame.find} placeholder=${t.frame.find}
            aria-keyshortcuts="/" /><kbd aria-hidden="true">/</kbd>
        </form>`
        }
        <main id="main" tabindex="-1">${children}</main>
      </div>
    </div>`;
}

/** The fragment belongs to the screen, so this link must not replace it. @param {MouseEvent} event */
function skip(event) {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

export function LanguageChoice() {
  const other = language.use() === 'en' ? 'ru' : 'en';
  const label = other === 'ru' ? 'Русский' : 'English';
  return html`<button type="button" class="quiet" lang=${other} onClick=${() => language.set(other)}>
    ${label}</button>`;
}

const searchField = () => document.querySelector('input[type="search"]');

/** `/` moves the focus to the search of the screen. */
function useSlash() {
  useEffect(() => {
    /** @param {KeyboardEvent} event */
    const press = (event) => {
      const { target } = event;
      const isTyping = target instanceof Element && target.matches('input, textarea, dialog *');
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      /** @type {HTMLInputElement | null} */ (searchField())?.select();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}
