/** English and Russian: the browser's preference until the administrator chooses. */
import { createSignal } from './signal.js';
import { en } from './texts/en.js';
import { ru } from './texts/ru.js';

/** @typedef {'en' | 'ru'} Language */
/** @typedef {typeof en} Texts */

const NAME = 'gatepass.language';
/** @type {Readonly<Record<Language, Texts>>} */
const TEXTS = { en, ru };

/** @returns {Language} */
function preferred() {
  const chosen = localStorage.getItem(NAME);
  if (chosen === 'en' || chosen === 'ru') return chosen;
  const known = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in TEXTS);
  return known === 'ru' ? 'ru' : 'en';
}

const current = createSignal(preferred());
document.documentElement.lang = current.get();

export const language = {
  get: current.get,
  use: current.use,
  /** @param {Language} chosen */
  set(chosen) {
    localStorage.setItem(NAME, chosen);
    document.documentElement.lang = chosen;
    current.set(chosen);
  },
};

/** The texts of the present language. */
export const texts = () => TEXTS[current.get()];
