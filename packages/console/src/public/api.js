/** The admin API, with the login of this tab. */
import { device } from './device.js';
import { confirmPassword } from './dialogs.js';
import { language, texts } from './language.js';
import { session } from './session.js';

/** A refusal of the service, or no response at all (status 0); its message is for people. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {string} [code]
   */
  constructor(status, message, code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * @param {unknown} body of a refusal: `detail`, or fields with their faults
 * @param {number} status
 */
function messageOf(body, status) {
  if (typeof body !== 'object' || body === null) return texts().errors.status(status);
  const { detail, ...fields } = /** @type {Record<string, unknown>} */ (body);
  if (typeof detail === 'string') return detail;
  const faults = Object.entries(fields).map(
    ([name, said]) => `${name}: ${[said].flat().join(' ')}`,
  );
  return faults.join(' ') || texts().errors.status(status);
}

/** Requests that count attempts: they carry the token of this device, so attempts of others do not block them. */
const ASKS_PASSWORD = ['login', 'setup', 'session/confirm'];

/** @typedef {{ method?: 'GET' | 'POST' | 'DELETE', body?: object, signal?: AbortSignal }} Init */

/**
 * @param {string} path below /api/admin/
 * @param {Init} init
 */
async function send(path, { method = 'GET', body, signal }) {
  const token = session.token();
  /** @type {RequestInit} */
  const init = {
    method,
    credentials: 'omit',
    headers: {
      'accept-language': language.get(),
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
      ...(ASKS_PASSWORD.includes(path) && { 'x-known-device': device.get() }),
    },
  };
  if (body) init.body = JSON.stringify(body);
  if (signal) init.signal = signal;
  /** @type {Response} */
  let response;
  try {
    response = await fetch(`api/admin/${path}`, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, texts().errors.offline);
  }
  device.keep(response.headers.get('x-known-device'));
  const text = await response.text();
  const read = response.headers.get('content-type')?.includes('json')
    ? JSON.parse(text || 'null')
    : null;
  if (response.ok) return read;
  const isEnded = response.status === 401 && token !== '' && path !== 'session/confirm';
  if (isEnded) session.end('ended');
  throw new ApiError(response.status, messageOf(read, response.status), read?.code);
}

/**
 * Calls the API. Before a dangerous action it asks for the password, unless it was given recently.
 *
 * @template T
 * @param {string} path below /api/admin/
 * @param {Init} [init]
 * @returns {Promise<T>}
 * @throws {ApiError}
 */
export async function call(path, init = {}) {
  try {
    return await send(path, init);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'confirmation_required') throw error;
    const isConfirmed = await confirmPassword((body) =>
      send('session/confirm', { method: 'POST', body }),
    );
    if (!isConfirmed) throw error;
    return send(path, init);
  }
}

/**
 * A path with its query; empty values are left out.
 *
 * @param {string} path
 * @param {Readonly<Record<string, string | number | null | undefined>>} query
 */
export function withQuery(path, query) {
  const chosen = Object.entries(query).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  return `${path}?${new URLSearchParams(chosen.map(([name, value]) => [name, String(value)]))}`;
}
