import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Database, Tx } from '../database/database.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { createEnrolment } from '../mfa/enrolment.ts';
import type { Factors } from '../mfa/factors.ts';
import type { Passkeys } from '../mfa/passkeys.ts';
import type { Requirement } from '../mfa/requirement.ts';
import type { OneTimeTokens } from '../one-time-tokens/one-time-tokens.ts';
import type { Revocations } from '../revocations/revocations.ts';
import { createClientHash } from '../sessions/client-hash.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Throttle } from '../throttle/attempt.ts';
import type { Credentials } from '../users/credentials.ts';
import type { Notify } from '../users/notify.ts';
import { createReauthenticate } from '../users/reauthenticate.ts';
import type { Users } from '../users/users.ts';
import { createBearerGuard } from './bearer.ts';
import { createAccessByCookie } from './cookie/access-by-cookie.ts';
import { createHostCookie } from './cookie/host-cookie.ts';
import { createKeepSession } from './cookie/keep-session.ts';
import { createFactorSetUp } from './factor-set-up.ts';
import { createHoldCaller } from './hold-caller.ts';
import { createKnownDevices } from './known-device.ts';
import { createLogin } from './login.ts';
import { METHODS } from './methods.ts';
import { createOpenSession } from './open-session.ts';
import { createPasskeyLogin } from './passkey-login.ts';
import { createRefreshTokens } from './refresh-token.ts';
import { createRenewal } from './renewal.ts';
import { createSecondFactor } from './second-factor.ts';
import { createSessionless } from './sessionless.ts';
import { createStepUp } from './step-up.ts';
import { createTokens } from './tokens.ts';

type Deps = { readonly config: Config; readonly database: Database; readonly clock: Clock };
type Uses = {
  readonly keyRing: KeyRing;
  readonly revocations: Revocations;
  readonly sessions: Sessions;
  readonly users: Users;
  readonly credentials: Credentials;
  readonly factors: Factors;
  readonly requirement: Requirement;
  readonly passkeys: Passkeys;
  readonly oneTimeTokens: OneTimeTokens;
  readonly throttle: Throttle;
  readonly audit: Audit;
  readonly notices: Parameters<typeof createLogin>[0]['notices'] &
    Parameters<typeof createOpenSession>[0]['notices'] & { readonly notify: Notify };
};

/** Tokens, and the flows that issue them. */
export function createTokenFlows({ config, database, clock }: Deps, uses: Uses) {
  const { keyRing, revocations, sessions, users, throttle } = uses;
  const { transaction } = database;
  const tokens = createTokens({ keyRing, revocations, clock, policy: config });
  const clientHash = createClientHash(keyRing.deriveKey);
  const isAccepted = config.acceptSessionlessTokens;
  const sessionless = createSessionless({ ...uses, tokens, clock, isAccepted });
  const refreshing = { tokens, sessions, sessionless, throttle, clientHash, policy: config };
  const refreshTokens = createRefreshTokens({ ...refreshing, type: 'refresh' });
  const cookieTokens = createRefreshTokens({ ...refreshing, type: 'cookie' });
  const sessionCookie = createHostCookie('gatepass', config.publicUrl, clock);
  const inCookie = { tokens, cookieTokens, sessionCookie, clock };

  const openSession = createOpenSession({ ...uses, transaction });
  const hasMail = config.smtpUrl !== 'off';
  const setUp = createFactorSetUp({ ...uses, openSession, hasMail });
  const knownDevices = createKnownDevices({
    deriveKey: keyRing.deriveKey,
    namesOf: uses.credentials.namesOf,
    cookie: createHostCookie('gatepass-device', config.publicUrl, clock),
    clock,
  });
  const readDevice = knownDevices.read;
  const { notify } = uses.notices;
  const flow = { ...uses, openSession, readDevice, transaction, notify, clock };
  const secondFactor = createSecondFactor({ ...flow, setUp });
  const verification = config.emailVerification;
  const { prove, stepUp, provePasskey } = createStepUp({
    ...flow,
    deviceTokenOf: knownDevices.tokenOf,
    reauthenticate: createReauthenticate({
      ...uses,
      deviceOf: (request, account) => readDevice(knownDevices.tokenOf(request), account),
    }),
    secondFactor,
  });
  const holdCaller = createHoldCaller(uses);
  const noteCode = (tx: Tx, session: { readonly id: string; readonly userId: number }) =>
    sessions.noteAuthentication(tx, session, METHODS.code);
  const devices = knownDevices.inCookie;
  return {
    tokens,
    refreshTokens,
    /** Refresh tokens in cookies, and their cookie. */
    cookieTokens,
    sessionCookie,
    keepSession: createKeepSession({ tokens, cookie: sessionCookie, devices }),
    accessByCookie: config.forwardCookie ? createAccessByCookie(inCookie) : undefined,
    knownDevices,
    login: createLogin({ ...flow, secondFactor, verification }),
    secondFactor,
    passkeyLogin: createPasskeyLogin({ ...flow, verification }),
    setUp,
    prove,
    stepUp,
    provePasskey,
    renewal: createRenewal({ ...flow, tokens, secondFactor }),
    holdCaller,
    enrolment: createEnrolment({ ...flow, stepUp, holdCaller, hasMail, noteCode }),
    bearer: createBearerGuard(tokens, users, config.authHeaderTypes),
    /** For tokens that do not arrive in a header. */
    asBearer: createBearerGuard(tokens, users, ['Bearer']),
  };
}

export type TokenFlows = ReturnType<typeof createTokenFlows>;
