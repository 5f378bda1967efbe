/** HTTP over the services: the composition root of a serving process. */

import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { mountPages } from './account/pages.ts';
import { submitsOf } from './account/submits.ts';
import { createAdministration } from './admin/feature.ts';
import { startBackground } from './background.ts';
import { Refusal } from './errors.ts';
import { mountHealth, PROBES, type Withdraw } from './http/health.ts';
import { mountDocs } from './http/openapi/docs.ts';
import { documentOf } from './http/openapi/document.ts';
import { addHeadersAndLog, createHttpServer, portOf } from './http/server.ts';
import { startKeys } from './keys/feature.ts';
import { createOneTimeTokenFeature } from './one-time-tokens/feature.ts';
import { startMail } from './recovery/feature.ts';
import { NO_MAIL } from './recovery/refusals.ts';
import { routes } from './routes.ts';
import { createServices, type Deps } from './services.ts';
import { createClientHash } from './sessions/client-hash.ts';
import { createAccessByCookie } from './token/cookie/access-by-cookie.ts';
import { createHostCookie } from './token/cookie/host-cookie.ts';
import { createFactorSetUp } from './token/factor-set-up.ts';
import { createKnownDevices } from './token/known-device.ts';
import { createLogin } from './token/login.ts';
import { createOpenSession } from './token/open-session.ts';
import { createRefreshTokens } from './token/refresh-token.ts';
import { createSecondFactor } from './token/second-factor.ts';
import { createSessionless } from './token/sessionless.ts';
import { createStepUp } from './token/step-up.ts';
import { createTokens } from './token/tokens.ts';
import { ADDRESS_FORMAT } from './users/email.ts';
import { createReauthenticate } from './users/reauthenticate.ts';
import { VERSION } from './version.ts';

export type App = {
  readonly app: FastifyInstance;
  /** Fails `/readyz`; resolves once a load balancer has had time to notice. */
  readonly withdraw: Withdraw;
  /** HTTP of the admin listener, over the same services. */
  readonly createAdmin: () => Promise<FastifyInstance>;
  /** The token of a first start; `undefined` = there is an administrator. */
  readonly setUp: () => Promise<string | undefined>;
};

/**
 * The service, ready to listen. The database must have been migrated.
 *
 * @example
 * const { app } = await createApp({ config: readConfig(env), database, clock: systemClock, logger });
 * await app.listen({ port: 8000 });
 */
export async function createApp(deps: Deps): Promise<App> {
  const { config, database, clock, logger, metrics, timers } = deps;
  const services = createServices(deps);
  const { sessions, revocations, streams } = services;
  const { throttle, hasher } = services;
  const keys = await startKeys(deps, services);
  const { keyRing } = keys;
  const tokens = createTokens({ keyRing, revocations, clock, policy: config });
  const clientHash = createClientHash(keyRing.deriveKey);
  const isAccepted = config.acceptSessionlessTokens;
  const sessionless = createSessionless({ ...services, tokens, clock, isAccepted });
  const refreshing = { tokens, sessions, sessionless, throttle, clientHash, policy: config };
  const refreshTokens = createRefreshTokens({ ...refreshing, type: 'refresh' });
  const cookieTokens = createRefreshTokens({ ...refreshing, type: 'cookie' });
  const sessionCookie = createHostCookie('gatepass', config.publicUrl, clock);
  await services.startFactors();
  const { oneTimeTokens, part } = createOneTimeTokenFeature(deps, keyRing.deriveKey);
  const http = createHttpServer(logger, config, metrics?.http, ADDRESS_FORMAT, timers);
  const { app } = http;
  const port = () => portOf(app.server);
  const mailed = await startMail(deps, services, oneTimeTokens, port);

  const about = { version: VERSION, scheme: config.authHeaderTypes[0] };
  const { transaction } = database;
  const verification = config.emailVerification;
  const openSession = createOpenSession({ ...services, transaction });
  const hasMail = config.smtpUrl !== 'off';
  const setUp = createFactorSetUp({ ...services, oneTimeTokens, openSession, hasMail });
  const knownDevices = createKnownDevices({
    deriveKey: keyRing.deriveKey,
    namesOf: services.credentials.namesOf,
    cookie: createHostCookie('gatepass-device', config.publicUrl, clock),
    clock,
  });
  const readDevice = knownDevices.read;
  const secondFactor = createSecondFactor({
    ...services,
    ...{ oneTimeTokens, openSession, setUp, readDevice, clock },
    notify: services.notices.notify,
  });
  const administration = createAdministration(deps, {
    ...services,
    ...{ oneTimeTokens, secondFactor, verification },
    isFactorRequired: config.adminSecondFactor === 'required',
  });
  const mailPart = mailed ? [mailed.part] : [];
  const parts = [...services.parts, keys.part, part, administration.part, ...mailPart];
  const login = createLogin({ ...services, secondFactor, openSession, readDevice, verification });
  const reauthenticate = createReauthenticate(services);
  const proving = createStepUp({ ...services, reauthenticate, secondFactor });
  const recovery = () => {
    if (!mailed) throw new Refusal(NO_MAIL);
    return mailed.recovery;
  };
  const accessByCookie = config.forwardCookie
    ? createAccessByCookie({ tokens, cookieTokens, sessionCookie, clock })
    : undefined;
  const inCookies = { cookieTokens, sessionCookie, accessByCookie, knownDevices };
  const flows = {
    login,
    secondFactor,
    setUp,
    ...proving,
    oneTimeTokens,
    refreshTokens,
    tokens,
    throttle,
    recovery,
    ...inCookies,
  };
  const resources = routes({ ...services, config, keyRing, ...flows, proving: mailed?.proving });
  for (const resource of resources) resource.mount(http);
  app.addHook('preClose', async () => streams.endAll());
  const probes = parts.map((part) => part.probes ?? {});
  const withdraw = mountHealth(http, Object.assign({ database: database.ping }, ...probes));
  await app.register(async (scope) => {
    const scoped = { ...http, app: scope };
    addHeadersAndLog(scoped);
    if (mailed) mountPages(scoped, submitsOf(mailed.recovery));
    if (config.docs === 'on')
      mountDocs(scope, () => documentOf([...resources, ...PROBES], about), about.scheme);
  });

  metrics?.watch({
    connections: () => promisify(app.server.getConnections.bind(app.server))(),
    revocations,
    keyRing,
    hasher,
    mail: services.outboxStore,
    clock,
  });
  const background = await startBackground(parts, deps);
  app.addHook('onClose', background.stop);
  return {
    app,
    withdraw,
    createAdmin: async () =>
      (await import('./admin/app.ts')).createAdminApp(deps, {
        ...administration,
        ...services,
        recovery,
        clock,
        prove: proving.prove,
      }),
    setUp: administration.invitations.setUp,
  };
}
