/**
 * Known devices: a signed token that says that an account has logged in from a device. It does not
 * log in. A login that presents one has its own limits and its own lane for hashing (throttle/,
 * passwords/), so an attacker who uses up the account's limits cannot lock its owner out. Owns the
 * token; does not own the counts, nor when tokens of an account become void.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { RequestView } from '../http/action.ts';
import { DEVICE_KNOWN_MS, type KnownDevice } from '../throttle/attempt.ts';
import type { User } from '../users/user.ts';
import type { HostCookie } from './cookie/host-cookie.ts';

/** How a login presents the token of its device and gets the next one. */
export type DeviceTokens = {
  readonly of: (request: Pick<RequestView, 'cookies' | 'knownDevice'>) => string | undefined;
  readonly give: (
    request: Pick<RequestView, 'knownDevice' | 'setResponseHeader'>,
    user: User,
  ) => void;
};

/** The device that a token proves to a login of this account, if the token is valid. */
export type ReadDevice = (text: string | undefined, account: string) => KnownDevice | undefined;

type Deps = {
  readonly deriveKey: (info: string) => Uint8Array;
  /** The names under which attempts at this account are counted. */
  readonly namesOf: (user: User) => readonly string[];
  readonly cookie: HostCookie;
  readonly clock: Clock;
  readonly newId?: () => string;
};

export type KnownDevices = ReturnType<typeof createKnownDevices>;

const FORM = /^(\d{1,16})\.([0-9a-f]{32})\.(\d{1,15})((?:\.[\w-]{43}){1,2})$/;

export function createKnownDevices(deps: Deps) {
  const { deriveKey, namesOf, cookie, clock } = deps;
  const { newId = () => crypto.randomUUID().replaceAll('-', '') } = deps;
  let key: Uint8Array | undefined;

  /** The account appears only by its login names, which are counted separately. */
  function sign(said: string, account: string): string {
    key ??= deriveKey('known-device');
    return createHmac('sha256', key).update(`${said}\n${account}`).digest('base64url');
  }

  function issue(user: User): string {
    const said = `${user.id}.${newId()}.${clock.now()}`;
    return [said, ...namesOf(user).map((name) => sign(said, name))].join('.');
  }

  const read: ReadDevice = (text = '', account) => {
    const [, userId = '', id = '', issuedAt = '', signatures = ''] = FORM.exec(text) ?? [];
    if (id === '' || clock.now() >= Number(issuedAt) + DEVICE_KNOWN_MS) return undefined;
    const expected = Buffer.from(sign(`${userId}.${id}.${issuedAt}`, account));
    const isOfAccount = signatures
      .slice(1)
      .split('.')
      .some((signature) => timingSafeEqual(Buffer.from(signature), expected));
    return isOfAccount ? { id, userId: Number(userId), issuedAt: Number(issuedAt) } : undefined;
  };

  return {
    read,

    /** The device token of a request, from the header or the cookie. */
    tokenOf: (request: Pick<RequestView, 'cookies' | 'knownDevice'>): string | undefined =>
      request.knownDevice() ?? cookie.read(request.cookies()),

    /** For clients that keep the token themselves: only clients that send the header get one. */
    inHeader: {
      of: (request) => request.knownDevice(),
      give(request, user) {
        if (request.knownDevice() !== undefined)
          request.setResponseHeader('x-known-device', issue(user));
      },
    } satisfies DeviceTokens,

    inCookie: {
      of: (request) => cookie.read(request.cookies()),
      give(request, user) {
        const token = issue(user);
        request.setResponseHeader('set-cookie', cookie.keep(token, clock.now() + DEVICE_KNOWN_MS));
      },
    } satisfies DeviceTokens,
  };
}
