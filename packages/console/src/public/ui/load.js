import { html } from '../html.js';
import { texts } from '../language.js';
import { useCallback, useEffect, useRef, useState } from '../vendor/hooks.js';

/**
 * @template T
 * @typedef {object} Loading
 * @property {T | undefined} data of the last success, also while newer data is on its way
 * @property {string} error of the last failure
 * @property {boolean} isLoading
 * @property {() => void} reload
 */

/**
 * Loads something for a component, and again when its key changes. Only the last request counts.
 *
 * @template T
 * @param {string} key
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @returns {Loading<T>}
 */
export function useLoad(key, load) {
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState(
    /** @type {{ key: string, data: T | undefined, error: string, isLoading: boolean }} */ ({
      ...{ key, data: undefined, error: '', isLoading: true },
    }),
  );
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    setState((before) => ({ ...before, isLoading: true }));
    latest.current(signal).then(
      (data) => signal.aborted || setState({ key, data, error: '', isLoading: false }),
      (error) =>
        signal.aborted ||
        setState({
          key,
          data: undefined,
          error: String(error?.message ?? error),
          isLoading: false,
        }),
    );
    return () => controller.abort();
  }, [key, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  return { ...state, reload };
}

/**
 * Draws the loaded data, a loading message, or the error with a button to retry.
 *
 * @template T
 * @param {{ loading: Loading<T>, children: (data: T) => import('preact').ComponentChildren }} props
 */
export function Loaded({ loading, children }) {
  const { data, error, isLoading, reload } = loading;
  const t = texts().common;
  if (error)
    return html`<div class="failed" role="alert"><p>${error}</p>
      <button type="button" onClick=${reload}>${t.retry}</button></div>`;
  if (data === undefined)
    return html`<div class="waiting" role="status"><span class="unseen">${t.loading}</span>
      <i /><i /><i /></div>`;
  return html`<div class=${isLoading ? 'stale' : ''} aria-busy=${isLoading}>${children(data)}</div>`;
}
