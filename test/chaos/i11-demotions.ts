/** I11, CL02: a demoted administrator is refused everywhere within a second, and no session ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../packages/server/test/sessions/support/faulty.ts';
import { createPeople } from '../../packages/server/test/sessions/support/people.ts';
import { claimsOf, SECRET } from '../../packages/server/test/support/service.ts';
import { createVerifier, hasClaim, TokenError } from '../../packages/verifier/src/index.ts';
import { createEnding, createLateEnding } from './support/ending.ts';
import type { Experiment } from './support/experiment.ts';
import { ask, refreshAt, type Server, verifyAt, withLab } from './support/lab.ts';

const USERS = 40;
const SHORT = { users: 6, demotions: 6, refreshes: 3 };
const BOUND_MS = 1000;

/** The last acknowledged role of an account, and since when every node must know it. */
type Promised = { role: 'admin' | 'user'; since: number };

export const demotions: Experiment = {
  id: 'I11',
  invariant: 'a demoted administrator is refused everywhere within a second, and no session ends',
  plantedBug: 'changes are looked for once a minute',
  isTimed: true,
  run: (options) =>
    withLab(async (lab) => {
      const { seed, planted, isShort } = options;
      const random = createRandom(seed);
      const plant = planted ? 'I11' : undefined;
      const servers = [await lab.start(plant), await lab.start(plant)] as const;
      const people = await createPeople(lab.databaseUrl, {});
      const revocationsUrl = `${servers[1].url}/api/revocations`;
      const resourceServer = createVerifier({ secret: SECRET, revocationsUrl });
      await resourceServer.ready();
      const violations: string[] = [];
      const figures = {
        users: isShort ? SHORT.users : USERS,
        demotions: 0,
        admitted: 0,
        stale: 0,
        refreshes: 0,
      };
      let slowest = 0;
      const hasDoneEnough = () =>
        figures.demotions >= SHORT.demotions && figures.refreshes >= SHORT.refreshes;
      const isEnough = createEnding(options, hasDoneEnough, violations);
      const isOver = createLateEnding(isEnough, 1.5 * BOUND_MS);
      const anyNode = (): Server => servers[random() < 0.5 ? 0 : 1];

      const atResourceServer = (token: string) =>
        resourceServer.verify(token).then(
          (claims) => (hasClaim(claims, 'role', 'admin') ? 'admin' : 'user'),
          (error: unknown) => (error instanceof TokenError ? error.reason : 'failed'),
        );
      const atNode = async (answer: ReturnType<typeof ask>, token: string) => {
        const { status, body } = (await answer) ?? { status: 0, body: {} };
        if (status === 200) return String(claimsOf(token)['role']);
        return status === 401 ? String(body['reason']) : 'failed';
      };

      const user = async () => {
        const email = await people.newUser();
        await people.setClaims(email, { role: 'admin' });
        let { access, refresh } = await people.newSession(email);
        let kept = access;
        const promised: Promised = { role: 'admin', since: performance.now() };
        let isChanging = false;
        const changing = (async () => {
          for (;;) {
            await sleep(500 + 1500 * random());
            if (isEnough()) return;
            isChanging = true;
            const role = promised.role === 'admin' ? 'user' : 'admin';
            await people.setClaims(email, { role });
            Object.assign(promised, { role, since: performance.now() });
            isChanging = false;
            if (role === 'user') figures.demotions++;
          }
        })();

        while (!isOver()) {
          const { role, since } = promised;
          const sentAt = performance.now();
          // An attacker keeps the last token with the role "admin"; the user continues with the newest.
          if (claimsOf(access)['role'] === 'admin') kept = access;
          const [own, ...seen] = await Promise.all([
            atNode(verifyAt(anyNode(), access), access),
            atNode(verifyAt(anyNode(), kept), kept),
            atNode(ask(anyNode(), '/api/token/verify', { method: 'GET', access: kept }), kept),
            atNode(ask(anyNode(), '/api/users/me', { method: 'GET', access: kept }), kept),
            atResourceServer(kept),
          ]);
          const isSettled = !isChanging && promised.since === since;
          for (const [i, verdict] of seen.entries()) {
            const late = sentAt - since;
            const bound = i === 2 ? 0 : BOUND_MS;
            if (verdict === 'admin') figures.admitted++;
            else if (verdict === 'stale_claims') figures.stale++;
            else if (verdict !== 'user') violations.push(`${email}: ${verdict}`);
            if (isSettled && role === 'user' && verdict === 'admin') {
              slowest = Math.max(slowest, Math.round(late));
              if (late > bound) violations.push(`${email} is admin ${Math.round(late)} ms later`);
            }
          }
          if (own === 'stale_claims') {
            const before = { ...promised };
            const answer = await refreshAt(anyNode(), refresh);
            if (answer?.status !== 200) {
              violations.push(
                `${email} was logged out: ${answer?.status} ${answer?.body['reason']}`,
              );
              return changing;
            }
            figures.refreshes++;
            access = String(answer.body['access']);
            refresh = String(answer.body['refresh'] ?? refresh);
            const isSame = !isChanging && promised.since === before.since;
            if (isSame && claimsOf(access)['role'] !== before.role)
              violations.push(`${email} got the role of before`);
          }
          await sleep(50 + 100 * random());
        }
        return changing;
      };
      await Promise.all(Array.from({ length: figures.users }, user));
      resourceServer.close();
      await people.database.close();
      return { figures: { ...figures, 'ms until the last was refused': slowest }, violations };
    }),
};
