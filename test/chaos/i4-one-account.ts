/** I4: two nodes, many addresses, eight spellings of each, four times at once: one account each. */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../packages/server/src/database/open.ts';
import { PASSWORD } from '../../packages/server/test/support/service.ts';
import { createEnding } from './support/ending.ts';
import type { Experiment } from './support/experiment.ts';
import { ask, type Lab, withLab } from './support/lab.ts';

const MAX_ADDRESSES = 500;
const TIMES = 4;
const SHORT = { addresses: 2, times: 2 };
const RETRIES = 200;
/** Each pair of a local part and a domain is one address to us. */
const LOCALS: readonly ((n: number) => string)[] = [(n) => `person${n}`, (n) => `PeRsOn${n}`];
const DOMAINS = [
  'bücher.example',
  'xn--bcher-kva.example',
  'BU\u0308CHER.Example',
  'ｂücher。example',
];
const CANONICAL_DOMAIN = 'xn--bcher-kva.example';

const spellings = (n: number): string[] =>
  LOCALS.flatMap((local) => DOMAINS.map((domain) => `${local(n)}@${domain}`));

/** The planted bug; the statement that relies on the constraint loses it too (plants.ts). */
async function dropUnique({ postgres, path }: Lab): Promise<void> {
  if (postgres) {
    const drop = 'alter table users drop constraint users_email_canonical_key';
    await postgres.query(drop, 'gatepass');
    return;
  }
  const sqlite = new DatabaseSync(path('gatepass.db'), { enableForeignKeyConstraints: false });
  const find = "select sql from sqlite_master where type = 'table' and name = 'users'";
  const created = String(sqlite.prepare(find).get()?.['sql']);
  const changed = created.replace(/("email_canonical" text not null) unique/, '$1');
  if (changed === created) throw new Error('the planted bug no longer fits the table');
  sqlite.exec(`begin; drop table users; ${changed}; commit`);
  sqlite.close();
}

export const oneAccount: Experiment = {
  id: 'I4',
  invariant: 'no two users with one canonical e-mail',
  plantedBug: 'without UNIQUE',
  run: (options) =>
    withLab(async (lab) => {
      const { planted, isShort } = options;
      const plant = planted ? 'I4' : undefined;
      const servers = [await lab.start(plant), await lab.start(plant)];
      if (planted) await dropUnique(lab);
      const violations: string[] = [];
      const figures = { addresses: 0, registrations: 0, created: 0, refused: 0 };

      /** Retries on 503, the response while the hashing queue is full. */
      const register = async (email: string, at: number): Promise<number | undefined> => {
        const server = servers[at % servers.length] ?? { url: '' };
        for (let retry = 0; retry < RETRIES; retry++) {
          const answer = await ask(server, '/api/users', { body: { email, password: PASSWORD } });
          if (answer !== undefined && answer.status !== 503) return answer.status;
          await sleep(50);
        }
        return undefined;
      };
      const hasDoneEnough = () => figures.addresses >= SHORT.addresses;
      const isOver = createEnding(options, hasDoneEnough, violations);
      while (figures.addresses < MAX_ADDRESSES && !isOver()) {
        const asked = Array.from({ length: isShort ? SHORT.times : TIMES }, () =>
          spellings(figures.addresses),
        ).flat();
        // The offset sends each of the eight spellings to both nodes.
        const sent = asked.map((email, i) => register(email, i + Math.floor(i / 8)));
        const statuses = await Promise.all(sent);
        const created = statuses.filter((status) => status === 201).length;
        const refused = statuses.filter((status) => status === 400).length;
        const name = asked[0];
        if (created !== 1) violations.push(`${name} was registered ${created} times`);
        if (created + refused !== asked.length)
          violations.push(`${name} was answered ${[...new Set(statuses)].join(', ')}`);
        figures.addresses++;
        figures.registrations += asked.length;
        figures.created += created;
        figures.refused += refused;
      }

      const database = openDatabase(lab.databaseUrl);
      const rows = await database.db.selectFrom('users').select('email_canonical').execute();
      await database.close();
      const stored = Map.groupBy(rows, (row) => row.email_canonical);
      for (let n = 0; n < figures.addresses; n++) {
        const count = stored.get(`person${n}@${CANONICAL_DOMAIN}`)?.length ?? 0;
        if (count !== 1) violations.push(`person${n} has ${count} accounts`);
      }
      if (stored.size !== figures.addresses) violations.push(`${stored.size} addresses are stored`);
      return { figures, violations };
    }),
};
