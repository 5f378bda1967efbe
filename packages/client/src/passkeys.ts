/**
 * `@gatepass/client/passkeys`: logins without a password, for pages (Web Authentication Level 3). A separate
 * entry, so that a page without them does not load it. Each function that takes the client may reject as
 * its methods do, and with a `TypeError` for a client that `createClient` did not make.
 */
import type { Client } from './api.ts';
import { environment } from './environment.ts';
import { confirmed, open, type PendingLogin, post } from './logins.ts';
import { insideOf } from './parts.ts';

/**
 * Why a browser did not create or use a passkey.
 *
 * - `cancelled`: the user cancelled, or had no passkey here; browsers do not say which
 * - `unsupported`: the page has no secure origin, or the browser or device does not support passkeys
 * - `already_registered`: this device already has one for the account
 * - `failed`: anything else, see `cause`
 */
export type PasskeyErrorCode = 'cancelled' | 'unsupported' | 'already_registered' | 'failed';

/**
 * A passkey that was not created or used. The message holds the code alone.
 *
 * @example
 * try {
 *   await loginWithPasskey(client);
 * } catch (error) {
 *   if (!(error instanceof PasskeyError)) throw error;
 *   console.log(error.code); // unsupported (in Node)
 * }
 */
export class PasskeyError extends Error {
  override readonly name = 'PasskeyError';
  /** Decide by this. */
  readonly code: PasskeyErrorCode;

  /** @param cause the browser's own error */
  constructor(code: PasskeyErrorCode, cause?: unknown) {
    super(`Passkey: ${code}`, { cause });
    this.code = code;
  }
}

/** What a browser does with passkeys, declared here because the package needs no DOM types. */
type Credentials = {
  create(options: object): Promise<Credential | null>;
  get(options: object): Promise<Credential | null>;
};
type Credential = {
  readonly id: string;
  readonly type: string;
  readonly response: Readonly<Record<string, unknown>> & { getTransports?(): string[] };
};
type Page = {
  readonly navigator?: { readonly credentials?: Credentials };
  readonly PublicKeyCredential?: { isConditionalMediationAvailable?(): Promise<boolean> };
};
type Options = Readonly<Record<string, unknown>>;
type Asked = { readonly challenge: string; readonly public_key: Options };

const page = environment as Page;

/** Before a challenge of five minutes expires, autofill begins with another one. */
const AUTOFILL_MS = 240_000;

/**
 * Whether this browser supports passkeys. No browser says whether the device holds one.
 *
 * @returns false without a page, and for a page without a secure origin
 * @example
 * console.log(arePasskeysSupported() ? 'show the button' : 'hide the button');
 */
export const arePasskeysSupported = (): boolean =>
  !!page.PublicKeyCredential && !!page.navigator?.credentials;

/**
 * Whether this browser can offer passkeys among the suggestions of a form field.
 *
 * @example
 * console.log(await isAutofillSupported()); // false (in Node)
 */
export const isAutofillSupported = async (): Promise<boolean> =>
  !!(await page.PublicKeyCredential?.isConditionalMediationAvailable?.());

/**
 * Lets the browser create a passkey for the account that is logged in, and logs out all other devices.
 *
 * @param options `name`: its name in the list of factors, cut after 60 characters, default `Passkey`;
 *   `proof`: needed from ten minutes after the login on
 * @returns its id, and for the first factor ten recovery codes to show once
 * @throws {PasskeyError} with any code
 * @throws {GatepassError} `unexpected` with the reason `reauthentication_required`, `no_passkeys`,
 *   `too_many_factors` or `email_unproved`; `invalid_fields` with `fields.current_password` or
 *   `fields.code`, or with `fields.credential` if the user took more than five minutes
 * @example
 * const { recovery_codes } = await addPasskey(client, { name: 'Laptop' });
 * console.log(recovery_codes.join('\n'));
 */
export async function addPasskey(
  client: Client,
  options: {
    readonly name?: string;
    readonly proof?: { readonly current_password: string; readonly code?: string };
  } = {},
): Promise<{ readonly id: number; readonly recovery_codes: readonly string[] }> {
  const { name, proof } = options;
  const { call, send } = insideOf(client);
  const post = (path: string, body?: object) =>
    call('POST', `/api/users/me/factors/passkeys${path}`, body, { send });
  requireSupport();
  const { challenge, public_key } = (await post('/options', proof)) as Asked;
  const credential = await shown('create', { publicKey: read(public_key) });
  return (await post('', { challenge, credential, name })) as Awaited<
    ReturnType<typeof addPasskey>
  >;
}

/**
 * Logs in with a passkey, in all tabs of this browser.
 *
 * @param options `pending`: the result of `logIn` of `@gatepass/client/mfa`, for a second factor;
 *   without it no password is needed. With `autofill` the browser offers passkeys among the suggestions
 *   of a field with `autocomplete="username webauthn"` and waits until `signal` aborts it.
 * @throws {PasskeyError} `cancelled`, `unsupported` or `failed`
 * @throws {GatepassError} `invalid_credentials` with the reason `passkey_not_valid` or
 *   `challenge_not_valid`; `unexpected` with `no_passkeys`
 * @example
 * await loginWithPasskey(client);
 * console.log((await client.user()).email);
 */
export async function loginWithPasskey(
  client: Client,
  options: {
    readonly pending?: PendingLogin;
    readonly autofill?: boolean;
    readonly signal?: AbortSignal;
  } = {},
): Promise<void> {
  const { pending, autofill, signal } = options;
  requireSupport();
  if (autofill && !(await isAutofillSupported())) throw new PasskeyError('unsupported');
  for (;;) {
    const body = pending ? { challenge: pending.challenge } : {};
    const { challenge, public_key } = (await post(client, '/passkey/options', body)) as Asked;
    const life = new AbortController();
    const abort = () => life.abort();
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    const timer = autofill && setTimeout(abort, AUTOFILL_MS);
    try {
      const credential = await shown('get', {
        publicKey: read(public_key),
        signal: life.signal,
        ...(autofill && { mediation: 'conditional' }),
      });
      await open(client, () => post(client, '/passkey', { challenge, credential }));
      return;
    } catch (error) {
      const isRenewed = autofill && life.signal.aborted && !signal?.aborted;
      if (!isRenewed || !(error instanceof PasskeyError)) throw error;
    } finally {
      if (timer) clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }
}

/**
 * Step-up with a passkey: for ten minutes the session counts as just logged in.
 *
 * @throws {PasskeyError} `cancelled`, `unsupported` or `failed`
 * @throws {GatepassError} `invalid_fields` with `fields.passkey`
 * @example
 * await confirmWithPasskey(client);
 * await addPasskey(client, { name: 'Key ring' });
 */
export async function confirmWithPasskey(client: Client): Promise<void> {
  const { call, send } = insideOf(client);
  requireSupport();
  const asked = await call('POST', '/api/users/me/confirm/options', undefined, { send });
  const { challenge, public_key } = asked as Asked;
  const credential = await shown('get', { publicKey: read(public_key) });
  await confirmed(client, { passkey: { challenge, credential } });
}

function requireSupport(): void {
  if (!arePasskeysSupported()) throw new PasskeyError('unsupported');
}

const CODES: Readonly<Record<string, PasskeyErrorCode>> = {
  NotAllowedError: 'cancelled',
  AbortError: 'cancelled',
  InvalidStateError: 'already_registered',
  NotSupportedError: 'unsupported',
};

async function shown(method: keyof Credentials, options: object): Promise<object> {
  try {
    const credential = await page.navigator?.credentials?.[method](options);
    if (credential) return write(credential);
  } catch (cause) {
    throw new PasskeyError(CODES[Object(cause).name] ?? 'failed', cause);
  }
  throw new PasskeyError('cancelled');
}

const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));

const textOf = (bytes: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=/g, '');

/** Of the names that are bytes to a browser; WebAuthn's own reader is younger than passkeys. */
const read = (options: Options): object =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      name === 'challenge' || name === 'id'
        ? bytesOf(value as string)
        : name === 'user'
          ? read(value as Options)
          : /Credentials$/.test(name)
            ? (value as Options[]).map(read)
            : value,
    ]),
  );

function write({ id, type, response }: Credential): object {
  const names = [
    'clientDataJSON',
    'attestationObject',
    'authenticatorData',
    'signature',
    'userHandle',
  ];
  const given = names.flatMap((name) =>
    response[name] ? [[name, textOf(response[name] as ArrayBuffer)]] : [],
  );
  const transports = response.getTransports?.();
  return { id, rawId: id, type, response: { ...Object.fromEntries(given), transports } };
}
