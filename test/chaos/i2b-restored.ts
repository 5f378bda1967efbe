/** I2b: restoring an older backup does not undo an acknowledged end of a session. */
import { cp } from 'node:fs/promises';
import type { Pair } from '../../packages/server/test/sessions/support/holder.ts';
import { sessionIdOf } from '../../packages/server/test/sessions/support/holder.ts';
import { createPeople } from '../../packages/server/test/sessions/support/people.ts';
import { PASSWORD } from '../../packages/server/test/support/service.ts';
import { createEnding } from './support/ending.ts';
import type { Experiment } from './support/experiment.ts';
import { ask, refreshAt, type Server, verifyAt, withLab } from './support/lab.ts';

const ROTATING = { GATEPASS_ROTATE_REFRESH_TOKENS: 'true' };
const SESSIONS = 4;

/** The ends of a session that the backup contains, made after the backup. */
const acts: Record<string, (server: Server, pair: Pair) => ReturnType<typeof ask>> = {
  logout: (server, { refresh }) => ask(server, '/api/token/blacklist', { body: { refresh } }),
  'logout of one': (server, { access }) =>
    ask(server, `/api/sessions/${sessionIdOf(access)}`, { method: 'DELETE', access }),
  rotation: (server, { refresh }) => refreshAt(server, refresh),
  'change of password': (server, { access }) =>
    ask(server, '/api/users/me/password', {
      access,
      body: { current_password: PASSWORD, new_password: 'granite otter parade 41' },
    }),
};

export const restored: Experiment = {
  id: 'I2b',
  invariant: 'nothing issued before a restore is honoured after it: spent, ended or unknown',
  engine: 'sqlite',
  plantedBug: 'the backup is put back as it is',
  async run(options) {
    const violations: string[] = [];
    const figures = { acknowledged: 0, opened_later: 0, restores: 0 };
    const isOver = createEnding(options, () => figures.restores > 0);
    do {
      await withLab(async (lab) => {
        const backup = lab.path('backup.db');
        let server = await lab.start(undefined, ROTATING);
        const people = await createPeople(lab.databaseUrl, ROTATING);
        const known: { name: string; pair: Pair }[] = [];
        for (const name of Object.keys(acts))
          for (let i = 0; i < SESSIONS; i++)
            known.push({ name, pair: await people.newSession(await people.newUser()) });
        await lab.run('db', 'backup', backup, '--force');

        const dead = [];
        for (const { name, pair } of known) {
          const status = (await acts[name]?.(server, pair))?.status;
          if (status !== undefined && status < 300) dead.push({ name, pair });
        }
        figures.acknowledged += dead.length;
        for (let i = 0; i < SESSIONS; i++) {
          const pair = await people.newSession(await people.newUser());
          await acts['logout']?.(server, pair);
          dead.push({ name: 'a login and a logout later', pair });
          figures.opened_later++;
        }
        await people.database.close();
        await server.stop();
        if (options.planted) await cp(backup, lab.path('gatepass.db'));
        else await lab.run('db', 'restore', backup, '--yes');
        figures.restores++;

        server = await lab.start(undefined, ROTATING);
        for (const { name, pair } of dead) {
          const answers = {
            'verify access': await verifyAt(server, pair.access),
            'verify refresh': await verifyAt(server, pair.refresh),
            Bearer: await ask(server, '/api/users/me', { method: 'GET', access: pair.access }),
            refresh: await refreshAt(server, pair.refresh),
          };
          for (const [where, answer] of Object.entries(answers))
            if (answer?.status !== 401)
              violations.push(`${name}, restored, ${where}: ${answer?.status}`);
        }
        await server.stop();
      });
    } while (!isOver());
    return { figures, violations };
  },
};
