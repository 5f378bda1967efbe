/** Questions of the screens to the administrator, one at a time. ui/dialogs.js draws them. */
import { createSignal } from './signal.js';

/**
 * @typedef {object} Question
 * @property {'question'} kind
 * @property {string} title
 * @property {string} [text]
 * @property {string} button
 * @property {boolean} [isDanger]
 * @property {(answer: boolean) => void} settle
 */
/**
 * @typedef {object} Confirmation the password again, and a code where the account has a factor
 * @property {'confirmation'} kind
 * @property {(body: { current_password: string, code?: string }) => Promise<unknown>} send
 * @property {(answer: boolean) => void} settle
 */
/**
 * @typedef {object} Secret what is shown once
 * @property {'secret'} kind
 * @property {string} title
 * @property {string} text
 * @property {string} secret
 * @property {(answer: boolean) => void} settle
 */

/** @typedef {Question | Confirmation | Secret} Dialog */

/** @type {ReturnType<typeof createSignal<Dialog | undefined>>} */
const current = createSignal(/** @type {Dialog | undefined} */ (undefined));

export const useDialog = current.use;

/**
 * @param {(settle: (answer: boolean) => void) => Dialog} make
 * @returns {Promise<boolean>}
 */
function open(make) {
  const { promise, resolve } = /** @type {PromiseWithResolvers<boolean>} */ (
    Promise.withResolvers()
  );
  current.set(
    make((answer) => {
      current.set(undefined);
      resolve(answer);
    }),
  );
  return promise;
}

/** @param {{ title: string, text?: string, button: string, isDanger?: boolean }} question */
export const ask = (question) => open((settle) => ({ kind: 'question', ...question, settle }));

/** @param {Confirmation['send']} send */
export const confirmPassword = (send) => open((settle) => ({ kind: 'confirmation', send, settle }));

/** @param {{ title: string, text: string, secret: string }} shown */
export const showSecret = (shown) => open((settle) => ({ kind: 'secret', ...shown, settle }));
