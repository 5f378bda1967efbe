/** The composition root: nothing else constructs anything. */
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { createAudit } from './audit/audit.ts';
import { createAuditStore } from './audit/store.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { Database } from './database/open.ts';
import { addHeadersAndLog } from './http/answer-log.ts';
import { collectOpenApi, mountDocs } from './http/docs.ts';
import { mountHealth, type Withdraw } from './http/health.ts';
import { createHttpServer } from './http/server.ts';
import { createImporter } from './import/importer.ts';
import { createKeeper } from './keys/keeper.ts';
import { createKeyRing, STALE_AFTER_MS as KEYS_STALE_AFTER_MS } from './keys/key-ring.ts';
import { createSeal } from './keys/seal.ts';
import { createKeyStore } from './keys/store.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { AdmissionObserver } from './passwords/admission.ts';
import { createCommonPasswords } from './passwords/common.ts';
import { createPasswordHasher } from './passwords/hasher.ts';
import { createPasswordPolicy } from './passwords/policy.ts';
import { routes } from './routes.ts';
import { createEpoch } from './sessions/epoch.ts';
import { createForeignLogouts } from './sessions/foreign-logouts.ts';
import { createJanitor } from './sessions/janitor.ts';
import { createRevocationStore } from './sessions/revocation-store.ts';
import { createRevocations, STALE_AFTER_MS } from './sessions/revocations.ts';
import { createSessions } from './sessions/sessions.ts';
import { createSessionStore } from './sessions/store.ts';
import { mountRevocationStream } from './sessions/stream.ts';
import { createThrottleStore } from './throttle/store.ts';
import { createThrottle } from './throttle/throttle.ts';
import { createExchange } from './token/exchange.ts';
import { createTokens } from './token/tokens.ts';
import { createArrivals } from './users/arrivals.ts';
import { ADDRESS_FORMAT } from './users/email.ts';
import { createUserStore } from './users/store.ts';
import { createUsers } from './users/users.ts';
import { VERSION } from './version.ts';

const RETIRED_KEYS_KEPT_MS = 86_400_000;

export type Deps = {
  config: Config;
  database: Database;
  clock: Clock;
  logger: Logger;
  /** Left out: nothing is counted. */
  metrics?: Metrics | undefined;
  hashing?: AdmissionObserver | undefined;
};
export type Accounts = ReturnType<typeof createAccounts>;

/**
 * The service, ready to listen. The database must have been migrated.
 *
 * @example
 * const app = await createApp({ config: readConfig(), database, clock: systemClock, logger });
 * await app.listen({ port: 8000 });
 */
export async function createApp(deps: Deps): Promise<FastifyInstance> {
  const { config, database, clock, logger, metrics } = deps;
  const accounts = createAccounts(deps);
  const { users, sessions, sessionStore, revocationStore, revocations } = accounts;
  const { audit, auditStore, hasher } = accounts;
  const { keyRing, keyStore } = await startKeys(deps, accounts);
  const tokens = createTokens({ keyRing, revocations, clock, policy: config });
  const throttleStore = createThrottleStore(database);
  const throttle = createThrottle({
    isOn: config.rateLimits === 'on',
    store: throttleStore,
    transaction: database.transaction,
    clock,
    sign: keyRing.signRefresh,
  });
  const exchange = createExchange({ tokens, sessions, users, throttle, clock, policy: config });
  const now = clock.now;
  const app = createHttpServer(logger, config, metrics?.traffic, ADDRESS_FORMAT);
  await collectOpenApi(app, VERSION);
  for (const resource of routes({
    config,
    users,
    sessions,
    tokens,
    exchange,
    throttle,
    keyRing,
    revocationStore,
    now,
  })) {
    resource.mount(app);
  }
  let withdraw: Withdraw = async () => {};
  app.decorate('withdraw', () => withdraw());
  await app.register(async (scope) => {
    addHeadersAndLog(scope);
    mountRevocationStream(scope, {
      store: revocationStore,
      revocations,
      now,
      publishUsers: config.acceptSessionlessTokens,
    });
    withdraw = mountHealth(scope, {
      database: database.ping,
      revocations: async () => {
        if (revocations.lag() > STALE_AFTER_MS) throw new Error('revocations are not followed');
      },
      keys: async () => {
        if (keyRing.lag() > KEYS_STALE_AFTER_MS) throw new Error('the keys are not followed');
      },
    });
    await mountDocs(scope);
  });

  const janitor = createJanitor({
    sessions: sessionStore,
    revocations: revocationStore,
    others: [
      (tx, at, limit) => auditStore.purge(tx, at - config.auditRetention, limit),
      (tx, at, limit) => keyStore.purge(tx, at - RETIRED_KEYS_KEPT_MS, limit),
      throttleStore.purge,
    ],
    transaction: database.transaction,
    clock,
    onError: (err) => logger.warn({ err }, 'expired rows could not be removed; trying again'),
  });
  metrics?.watch({
    connections: () => promisify(app.server.getConnections.bind(app.server))(),
    revocations,
    keyRing,
    hasher,
  });
  await revocations.follow();
  revocations.start();
  keyRing.start();
  janitor.start();
  audit.start();
  app.addHook('onClose', async () => {
    revocations.stop();
    keyRing.stop();
    janitor.stop();
    await audit.stop();
    await hasher.close();
  });
  return app;
}

/** The ring of signing keys and what changes it, for the service and for the CLI. */
export function createKeys(deps: Deps, audit: Accounts['audit']) {
  const { config, database, clock, logger } = deps;
  const store = createKeyStore(database);
  const seal = createSeal(config.masterKey, config.previousMasterKey);
  const policy = { rotation: config.keyRotation, accessTokenLifetime: config.accessTokenLifetime };
  const keeper = createKeeper({ store, seal, audit, clock, policy });
  const keyRing = createKeyRing({
    store,
    keeper,
    seal,
    clock,
    policy,
    configuredSecret: config.secret,
    onError: (err) => logger.error({ err }, 'the signing keys cannot be followed; trying again'),
  });
  return { keyRing, keeper, keyStore: store };
}

/**
 * The keys as a node needs them before it serves: sealed, of the configured algorithm, read.
 *
 * @throws {MasterKeyError} when stored keys cannot be opened
 */
export async function startKeys(deps: Deps, { audit, sessionStore }: Accounts) {
  const keys = createKeys(deps, audit);
  const { signingAlgorithm, secret } = deps.config;
  await keys.keeper.start(signingAlgorithm, secret === '', await sessionStore.isEmpty());
  await keys.keyRing.follow();
  return keys;
}

/** Accounts and sessions without HTTP: what the CLI works with, beside a running server or alone. */
export function createAccounts(deps: Deps) {
  const { config, database, clock, logger, metrics, hashing } = deps;
  const sessionStore = createSessionStore(database);
  const revocationStore = createRevocationStore(database);
  const revocations = createRevocations({ store: revocationStore, clock });
  const { transaction } = database;
  const auditStore = createAuditStore(database);
  const audit = createAudit({
    store: auditStore,
    transaction,
    clock,
    onError: (err) => logger.warn({ err }, 'failed logins could not be audited; trying again'),
    onEvent: metrics?.event,
  });
  const sessions = createSessions({
    store: sessionStore,
    revocationStore,
    revocations,
    audit,
    transaction,
    clock,
    policy: {
      refreshTokenLifetime: config.refreshTokenLifetime,
      // Without rotation a session is as old as its one refresh token can get.
      sessionLifetime: config.rotateRefreshTokens
        ? config.sessionLifetime
        : config.refreshTokenLifetime,
    },
  });
  const hasher = createPasswordHasher({
    cost: config.passwordHash,
    workers: config.workers === 'auto' ? availableParallelism() : config.workers,
    onUnreadable: (err, { requestId }) =>
      logger.error({ err, request_id: requestId }, 'a stored password hash cannot be read'),
    onThreadLost: (err) => logger.error({ err }, 'a hashing thread died and is replaced'),
    observer: hashing ?? metrics?.hashing,
  });
  const userStore = createUserStore(database);
  const users = createUsers({
    store: userStore,
    transaction,
    hasher,
    policy: createPasswordPolicy(config.passwordMinLength, createCommonPasswords()),
    endSessions: sessions.endForUser,
    audit,
    clock,
  });
  const importer = createImporter({
    arrivals: createArrivals(userStore),
    foreignLogouts: createForeignLogouts({ store: sessionStore, revocationStore, audit, clock }),
    transaction,
    audit,
    clock,
  });
  return {
    users,
    sessions,
    sessionStore,
    revocationStore,
    revocations,
    audit,
    auditStore,
    hasher,
    importer,
    beginEpoch: createEpoch({ store: sessionStore, revocationStore, clock }),
  };
}
