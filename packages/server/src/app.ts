/** The composition root: nothing else constructs anything. */
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { Database } from './database/open.ts';
import { collectOpenApi, mountDocs } from './http/docs.ts';
import { mountHealth } from './http/health.ts';
import { createHttpServer } from './http/server.ts';
import { loadKeyRing } from './keys/key-ring.ts';
import { createKeyStore } from './keys/store.ts';
import { createCommonPasswords } from './passwords/common.ts';
import { createPasswordHasher } from './passwords/hasher.ts';
import { createPasswordPolicy } from './passwords/policy.ts';
import { routes } from './routes.ts';
import { createTokens } from './token/tokens.ts';
import { createUserStore } from './users/store.ts';
import { createUsers, type Users } from './users/users.ts';
import { VERSION } from './version.ts';

export type Deps = { config: Config; database: Database; clock: Clock; logger: Logger };

/**
 * The service, ready to listen. The database must have been migrated.
 *
 * @example
 * const app = await createApp({ config: readConfig(), database, clock: systemClock, logger });
 * await app.listen({ port: 8000 });
 */
export async function createApp(deps: Deps): Promise<FastifyInstance> {
  const { config, database, clock, logger } = deps;
  const users = await createUserService(deps);
  const keyRing = await loadKeyRing({
    store: createKeyStore(database.db),
    clock,
    configuredSecret: config.secret,
  });
  const tokens = createTokens({ keyRing, users, clock, policy: config });

  const app = createHttpServer(logger);
  await collectOpenApi(app, VERSION);
  for (const resource of routes({ config, users, tokens })) resource.mount(app);
  mountHealth(app, database.ping);
  await mountDocs(app);
  return app;
}

/** Accounts without HTTP: what the CLI works with, beside a running server or alone. */
export async function createUserService({ config, database, clock, logger }: Deps): Promise<Users> {
  return createUsers({
    store: createUserStore(database),
    hasher: await createPasswordHasher({
      cost: config.passwordHash,
      onUnreadable: (err) => logger.error({ err }, 'a stored password hash cannot be read'),
    }),
    policy: createPasswordPolicy(config.passwordMinLength, createCommonPasswords()),
    clock,
  });
}
