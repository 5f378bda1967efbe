/** I9b, AB05: a flood from the 65,536 networks of one /48 does not deny logins from elsewhere. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../packages/server/test/sessions/support/faulty.ts';
import { PASSWORD } from '../../packages/server/test/support/service.ts';
import { createEnding } from './support/ending.ts';
import type { Experiment } from './support/experiment.ts';
import { withLab } from './support/lab.ts';
import { createSender, percentile, type Sample, shareOf } from './support/load.ts';

const PLANTED_NETWORKS = { preload: join(import.meta.dirname, 'support/planted-networks.ts') };
const CONNECTIONS = 100;
/** How many times more often than one of the flood an honest login must get through. */
const TIMES_THE_FLOOD = 3;
/** The requirement on an idle machine with two cores; the short form runs beside other tests. */
const FULL = { attackPauseMs: 0, share: 0.9, pauseMs: 150 };
/** The pause of an attacker leaves the queue full, and the machine some time. */
const SHORT = { attackPauseMs: 100, share: 0.3, pauseMs: 20 };
const SHORT_LOGINS = 10;
const FULL_FROM_S = 20;

const HOME = '198.51.100.1';
const EMAIL = 'alice@example.com';

export const oneNetwork: Experiment = {
  id: 'I9b',
  invariant: 'a flood from one /48 does not deny logins from elsewhere (AB05)',
  plantedBug: 'every /64 is a network of its own and nothing more',
  isTimed: true,
  run: (options) =>
    withLab(async (lab) => {
      const { seconds, seed, planted } = options;
      const random = createRandom(seed);
      const { share, pauseMs, attackPauseMs } = seconds >= FULL_FROM_S ? FULL : SHORT;
      const server = await lab.start(planted ? PLANTED_NETWORKS : undefined, {
        GATEPASS_RATE_LIMITS: 'on',
        // The limits would end the flood after a thousand attempts: the queue alone holds it off.
        GATEPASS_LIMITS: 'login-network=1000000/15m',
        GATEPASS_TRUSTED_PROXIES: '127.0.0.1',
      });
      const flooding = createSender(server.url);
      const honest = createSender(server.url);
      const group = () => Math.floor(random() * 65_536).toString(16);
      await honest.send('/api/users', { email: EMAIL, password: PASSWORD }, HOME);

      const flood: Sample[] = [];
      const known: Sample[] = [];
      const fresh: Sample[] = [];
      const hasDoneEnough = () => Math.min(known.length, fresh.length) >= SHORT_LOGINS;
      const isOver = createEnding(options, hasDoneEnough);
      const attack = async () => {
        while (!isOver()) {
          const email = `user${group()}@example.com`;
          const from = `2001:db8:1:${group()}::1`;
          flood.push(await flooding.send('/api/token', { email, password: 'wrong' }, from));
          if (attackPauseMs > 0) await sleep(attackPauseMs);
        }
      };
      const login = async (samples: Sample[], nextAddress: () => string) => {
        const body = { email: EMAIL, password: PASSWORD };
        while (!isOver()) {
          samples.push(await honest.send('/api/token', body, nextAddress()));
          await sleep(pauseMs);
        }
      };
      let n = 0;
      const attacks = Array.from({ length: CONNECTIONS }, attack);
      await Promise.all([
        login(known, () => HOME),
        login(fresh, () => `203.0.113.${++n % 256}`),
        ...attacks,
      ]);
      flooding.close();
      honest.close();

      const floodShare = shareOf(flood, 401);
      const figures = {
        'attempts of the flood': flood.length,
        '% of them looked at': Math.round(100 * floodShare),
        'logins from a known network': known.length,
        '% of them 200': Math.round(100 * shareOf(known, 200)),
        'logins from new networks': fresh.length,
        '% of these 200': Math.round(100 * shareOf(fresh, 200)),
        'ms p50 of them': percentile([...known, ...fresh], 0.5),
      };
      const violations = Object.entries({ known, new: fresh }).flatMap(([place, samples]) => {
        const through = shareOf(samples, 200);
        return through >= share && through >= Math.min(1, TIMES_THE_FLOOD * floodShare)
          ? []
          : [`${Math.round(100 * through)} % of logins from ${place} networks`];
      });
      return { figures, violations };
    }),
};
