/** When and how the user of a session was last authenticated: `auth_time` and `amr` of its tokens. Pure. */

/** Methods of RFC 8176: a password, a one-time code, possession of a key, and more than one of them. */
export type Method = 'pwd' | 'otp' | 'pop' | 'mfa';

export type Authentication = {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly methods: readonly Method[];
};

/** The form in a session's row: epoch seconds, then the methods. */
export const storeAuthentication = ({ at, methods }: Authentication): string =>
  [Math.floor(at / 1000), ...methods].join(' ');

/** For a session whose login another issuer handled (token/sessionless.ts). */
export const UNKNOWN_AUTHENTICATION = '';

/** @returns `undefined` when nothing is known */
export function readAuthentication(auth: string): Authentication | undefined {
  if (auth === UNKNOWN_AUTHENTICATION) return undefined;
  const [seconds, ...methods] = auth.split(' ');
  return { at: Number(seconds) * 1000, methods: methods as Method[] };
}

type Row = { readonly auth?: string | undefined; readonly createdAt: number };

/** When the user of a session was last authenticated; epoch milliseconds. */
export const authenticatedAt = ({ auth, createdAt }: Row): number | undefined =>
  auth === undefined ? createdAt : readAuthentication(auth)?.at;
