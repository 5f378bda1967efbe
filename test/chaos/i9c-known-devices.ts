/** I9c, AB05, RL07: an owner with a known device logs in from new networks under an attack on the account. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../packages/server/test/sessions/support/faulty.ts';
import { PASSWORD } from '../../packages/server/test/support/service.ts';
import { createEnding } from './support/ending.ts';
import type { Experiment } from './support/experiment.ts';
import { withLab } from './support/lab.ts';
import { createSender, percentile, type Sample, shareOf } from './support/load.ts';

const PLANTED_DEVICES = { preload: join(import.meta.dirname, 'support/planted-devices.ts') };
const CONNECTIONS = 100;
const ATTACKERS = 40;
/** The requirement on an idle machine with two cores; the short form runs beside other tests. */
const FULL = { attackPauseMs: 0, share: 0.95, pauseMs: 150 };
/** The pause of an attacker leaves the queue full, and the machine some time. */
const SHORT = { attackPauseMs: 100, share: 0.5, pauseMs: 20 };
const SHORT_LOGINS = 6;
const FULL_FROM_S = 20;

const HOME = '198.51.100.1';
const EMAIL = 'alice@example.com';

export const knownDevices: Experiment = {
  id: 'I9c',
  invariant:
    'a known device logs in from a new network, whatever is tried on its account (AB05, RL07)',
  plantedBug: 'tokens of devices are never recognised',
  isTimed: true,
  run: (options) =>
    withLab(async (lab) => {
      const { seconds, seed, planted } = options;
      const random = createRandom(seed);
      const { share, pauseMs, attackPauseMs } = seconds >= FULL_FROM_S ? FULL : SHORT;
      const server = await lab.start(planted ? PLANTED_DEVICES : undefined, {
        GATEPASS_RATE_LIMITS: 'on',
        // The limits would end the flood after a thousand attempts: the queue alone holds it off.
        GATEPASS_LIMITS: 'login-network=1000000/15m',
        GATEPASS_TRUSTED_PROXIES: '127.0.0.1',
      });
      const flooding = createSender(server.url);
      const honest = createSender(server.url);
      const account = { email: EMAIL, password: PASSWORD };
      await honest.send('/api/users', account, HOME);
      let device = 'new';
      const login = async (from: string): Promise<Sample> => {
        const sample = await honest.send('/api/token', account, from, { 'x-known-device': device });
        const given = sample.headers['x-known-device'];
        if (typeof given === 'string') device = given;
        return sample;
      };
      await login(HOME);
      const wrong = { email: EMAIL, password: 'wrong otter 41' };
      for (let i = 0; i < ATTACKERS; i++) await flooding.send('/api/token', wrong, `192.0.2.${i}`);

      const logins: Sample[] = [];
      const isOver = createEnding(options, () => logins.length >= SHORT_LOGINS);
      const group = () => Math.floor(random() * 65_536).toString(16);
      const flood: Sample[] = [];
      const attack = async (_: unknown, i: number) => {
        while (!isOver()) {
          // Every tenth connection goes on with the account itself, the others only take time.
          const email = i % 10 === 0 ? EMAIL : `user${group()}@example.com`;
          const from = `2001:db8:1:${group()}::1`;
          flood.push(await flooding.send('/api/token', { ...wrong, email }, from));
          if (attackPauseMs > 0) await sleep(attackPauseMs);
        }
      };
      const attacks = Array.from({ length: CONNECTIONS }, attack);
      for (let n = 0; !isOver(); n++) {
        logins.push(await login(`203.0.113.${n % 256}`));
        await sleep(pauseMs);
      }
      await Promise.all(attacks);
      flooding.close();
      honest.close();

      const through = shareOf(logins, 200);
      const figures = {
        'attempts of the flood': flood.length,
        '% of them looked at': Math.round(100 * shareOf(flood, 401)),
        'logins with a known device': logins.length,
        '% of them 200': Math.round(100 * through),
        'ms p50 of them': percentile(logins, 0.5),
      };
      const violations =
        through >= share ? [] : [`${Math.round(100 * through)} % of logins with a known device`];
      return { figures, violations };
    }),
};
