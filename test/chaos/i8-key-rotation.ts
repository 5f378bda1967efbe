/** I8, ST13: neither two processes nor a caching resource server refuse a token while keys rotate. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { pino } from 'pino';
import { systemClock as clock } from '../../packages/server/src/clock.ts';
import { readConfig } from '../../packages/server/src/config/config.ts';
import { openDatabase } from '../../packages/server/src/database/open.ts';
import { rotateChanges } from '../../packages/server/src/keys/commanded-changes.ts';
import { createKeys } from '../../packages/server/src/keys/feature.ts';
import type { Decide } from '../../packages/server/src/keys/ring-changes.ts';
import { signingKey } from '../../packages/server/src/keys/schedule.ts';
import { createServices } from '../../packages/server/src/services.ts';
import { createRandom } from '../../packages/server/test/sessions/support/faulty.ts';
import { createPeople } from '../../packages/server/test/sessions/support/people.ts';
import { SECRET } from '../../packages/server/test/support/service.ts';
import type { Experiment } from './support/experiment.ts';
import { ask, refreshAt, type Server, verifyAt, withLab } from './support/lab.ts';

/** How many clients, and milliseconds between their rounds. */
const FULL = { clients: 8, pause: 20 };
const SHORT = { clients: 3, pause: 150 };
/** A busy machine may miss the second in which the planted bug shows. */
const MAX_PLANTED = 10;
/** The shortest possible schedule: the key set may be cached for a second. */
const QUICK = {
  GATEPASS_SIGNING_ALG: 'EdDSA',
  GATEPASS_ACCESS_TOKEN_LIFETIME: '100s',
  GATEPASS_KEY_ROTATION: '100s',
};

const publishAndUse: Decide = (ring, now) => [
  {
    kind: 'create',
    alg: 'EdDSA',
    serial: Math.max(...ring.map(({ serial }) => serial)) + 1,
    state: 'next',
    activatesAt: now,
  },
];

/** A resource server. It fetches the keys again only when its cached copy has expired. */
function createResourceServer({ url }: Server) {
  let keys: JSONWebKeySet = { keys: [] };
  let freshUntil = 0;
  return async (token: string): Promise<boolean> => {
    if (performance.now() >= freshUntil) {
      const response = await fetch(`${url}/.well-known/jwks.json`);
      const [, seconds] = /max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '') ?? [];
      keys = (await response.json()) as JSONWebKeySet;
      freshUntil = performance.now() + Number(seconds) * 1000;
    }
    return jwtVerify(token, createLocalJWKSet(keys)).then(
      () => true,
      () => false,
    );
  };
}

/** Rotates the keys of the servers from another process. */
function createRotator(url: string) {
  const config = readConfig({ ...QUICK, GATEPASS_SECRET: SECRET });
  const database = openDatabase(url);
  const deps = { config, database, clock, logger: pino({ level: 'silent' }) };
  const { ringChanges } = createKeys(deps, createServices(deps).audit);
  const current = async () => signingKey((await ringChanges.rows()).ring, Date.now())?.kid;
  return {
    close: database.close,
    /** Resolves when another key has begun to sign. */
    async rotate(decide: Decide): Promise<void> {
      const before = await current();
      // Until a next key has been published for long enough, it is planned for then.
      await ringChanges.apply(decide, {});
      while ((await current()) === before) await sleep(100);
      await sleep(1500);
    },
  };
}

export const keyRotation: Experiment = {
  id: 'I8',
  invariant: 'key rotation is invisible: no unexpected 401 (ST13)',
  plantedBug: 'publish and use at once',
  run: ({ seconds, seed, planted, isShort }) =>
    withLab(async (lab) => {
      const random = createRandom(seed);
      const { clients, pause } = isShort ? SHORT : FULL;
      const servers = [
        await lab.start(undefined, QUICK),
        await lab.start(undefined, QUICK),
      ] as const;
      const people = await createPeople(lab.databaseUrl, QUICK);
      const rotator = createRotator(lab.databaseUrl);
      const violations: string[] = [];
      const kids = new Set<string>();
      const figures = { rotations: 0, keys: 0, refreshes: 0, verified: 0, offline: 0 };
      let isOver = false;

      const client = async () => {
        const { refresh } = await people.newSession(await people.newUser());
        const believesOffline = createResourceServer(servers[random() < 0.5 ? 0 : 1]);
        const tokens: string[] = [];
        while (!isOver) {
          const [one, other] = random() < 0.5 ? servers : [servers[1], servers[0]];
          const refreshed = await refreshAt(one, refresh);
          if (refreshed?.status !== 200) {
            violations.push(`refresh: ${refreshed?.status} ${refreshed?.body['reason']}`);
            continue;
          }
          figures.refreshes++;
          const fresh = String(refreshed.body['access']);
          tokens.push(fresh);
          kids.add(fresh.split('.')[0] ?? '');
          const old = tokens[Math.floor(random() * tokens.length)] ?? fresh;
          const answers = {
            'verify, a fresh one': await verifyAt(other, fresh),
            'verify, an old one': await verifyAt(other, old),
            Bearer: await ask(other, '/api/users/me', { method: 'GET', access: fresh }),
            'forward-auth': await ask(other, '/api/token/verify', { method: 'GET', access: old }),
          };
          for (const [name, answer] of Object.entries(answers)) {
            figures.verified++;
            if (answer?.status !== 200)
              violations.push(`${name}: ${answer?.status} ${answer?.body['reason']}`);
          }
          for (const token of [fresh, old]) {
            figures.offline++;
            if (!(await believesOffline(token))) violations.push('a resource server: no such key');
          }
          await sleep(pause * random());
        }
      };
      const working = Promise.all(Array.from({ length: clients }, client));
      const enough = isShort && planted ? MAX_PLANTED : Math.max(2, Math.ceil(seconds / 4));
      const decide: Decide = planted
        ? publishAndUse
        : (ring, now, policy) => rotateChanges(ring, now, policy, {});
      const isFound = () => isShort && planted && violations.length > 0;
      for (; figures.rotations < enough && !isFound(); figures.rotations++)
        await rotator.rotate(decide);
      isOver = true;
      await working;
      figures.keys = kids.size;
      if (kids.size <= figures.rotations) violations.push(`only ${kids.size} keys were seen`);
      await people.database.close();
      await rotator.close();
      return { figures, violations };
    }),
};
