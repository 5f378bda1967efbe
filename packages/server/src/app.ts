/** HTTP over the services: the composition root of a serving process. */

import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { createAccountPages } from './account/logged-in/feature.ts';
import { createPages } from './account/pages.ts';
import { submitsOf } from './account/submits.ts';
import { createAdminApp } from './admin/app.ts';
import { createAdministration } from './admin/feature.ts';
import { startBackground } from './background.ts';
import { createHealth, type Withdraw } from './http/health.ts';
import { createHttpServer, portOf } from './http/server.ts';
import { startKeys } from './keys/feature.ts';
import { createPasskeyFeature } from './mfa/feature.ts';
import { createOneTimeTokenFeature } from './one-time-tokens/feature.ts';
import type { Part } from './part.ts';
import { startMail } from './recovery/feature.ts';
import { routes } from './routes.ts';
import { createServices, type Deps } from './services.ts';
import { createTokenFlows } from './token/feature.ts';
import { ADDRESS_FORMAT } from './users/email.ts';

export type App = {
  readonly app: FastifyInstance;
  /** Fails `/readyz`; resolves once a load balancer has had time to notice. */
  readonly withdraw: Withdraw;
  /** Refuses with 503 what still waits for a hash, and every later password. */
  readonly endHashing: () => void;
  /** HTTP of the admin listener, over the same services. */
  readonly createAdmin: () => FastifyInstance;
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
  const keys = await startKeys(deps, services);
  const { keyRing } = keys;
  await services.startFactors();
  const oneTime = createOneTimeTokenFeature(deps, keyRing.deriveKey);
  const { oneTimeTokens } = oneTime;
  const http = createHttpServer(logger, config, metrics?.http, ADDRESS_FORMAT, timers);
  const { app } = http;
  app.server.prependListener('request', database.shareReads);
  const mail = await startMail(deps, services, oneTimeTokens, () => portOf(app.server));
  const { recovery, resets, resetLinks, proving } = mail;
  const passkey = createPasskeyFeature(deps, keyRing.deriveKey);
  const { passkeys } = passkey;
  const flows = createTokenFlows(deps, { ...services, keyRing, oneTimeTokens, passkeys });
  const administration = createAdministration(deps, { ...services, ...flows, oneTimeTokens });

  const features = [keys.part, oneTime.part, passkey.part, administration.part, mail.part];
  const parts: readonly Part[] = [...services.parts, ...features];
  const probes = parts.map((part) => part.probes ?? {});
  const health = createHealth(http, Object.assign({ database: database.ping }, ...probes));
  const mailedPages = createPages(http, submitsOf(mail), config.smtpUrl === 'off');
  const accountPages = createAccountPages(http, { ...services, ...flows, passkeys, config });
  const recovering = { recovery, resets, proving };
  const own = { config, keyRing, passkeys, health, mailedPages, accountPages };
  const serving = { ...services, ...flows, ...recovering, ...own };
  for (const resource of routes(serving)) resource.mount(http);

  metrics?.watch({
    connections: () => promisify(app.server.getConnections.bind(app.server))(),
    ...services,
    keyRing,
    mail: services.outboxStore,
    clock,
  });
  const background = await startBackground(parts, deps);
  const { streams, eventStreams } = services;
  app.addHook('preClose', async () => {
    for (const each of [streams, eventStreams]) each.endAll();
  });
  app.addHook('onClose', background.stop);
  return {
    app,
    withdraw: health.withdraw,
    endHashing: services.hasher.close,
    createAdmin: () =>
      createAdminApp(deps, {
        ...administration,
        ...serving,
        resetLinks,
        ringChanges: keys.ringChanges,
        database,
        log: (text) => logger.info(text),
        clock,
      }),
    setUp: administration.invitations.setUp,
  };
}
