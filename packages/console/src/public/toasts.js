/** Results and errors: shown for some seconds, and announced to screen readers. */
import { createSignal } from './signal.js';

const SECONDS = 6;

/** @typedef {{ readonly id: number, readonly text: string, readonly isBad: boolean }} Toast */

const toasts = createSignal(/** @type {readonly Toast[]} */ ([]));
let last = 0;

export const useToasts = toasts.use;

/**
 * @param {string} text
 * @param {{ isBad?: boolean }} [how]
 */
export function say(text, { isBad = false } = {}) {
  last += 1;
  const id = last;
  toasts.set([...toasts.get(), { id, text, isBad }]);
  setTimeout(() => toasts.set(toasts.get().filter((toast) => toast.id !== id)), SECONDS * 1000);
}

/**
 * Does something and shows the result.
 *
 * @param {() => Promise<unknown>} work
 * @param {string | (() => string)} done what to say then
 * @returns {Promise<boolean>} whether it succeeded
 */
export async function attempt(work, done) {
  try {
    await work();
    say(typeof done === 'string' ? done : done());
    return true;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), { isBad: true });
    return false;
  }
}
