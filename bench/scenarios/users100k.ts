/** Does a table of 100,000 users slow Gatepass down? Two servers, one with 16 users. */
import { DatabaseSync } from 'node:sqlite';
import { type Bench, directoryFor, withServers } from '../bench.ts';
import { applyLoad, type LoadRequest } from '../load.ts';
import type { Machine } from '../machine.ts';
import { type Contender, interleave, type Rounds } from '../measure.ts';
import type { ServerProcess } from '../server-process.ts';
import { databaseFile, gatepass } from '../targets/gatepass.ts';
import { connectSimpleJwt } from '../targets/simplejwt-wire.ts';
import { loadScenarios, password, post, send } from '../targets/target.ts';
import { LOGIN_CONNECTIONS, roundName } from './load-scenarios.ts';

const FEW = 16;
const MANY = 100_000;
export const FEW_NAME = `${FEW} users`;
export const MANY_NAME = `${MANY.toLocaleString('en')} users`;

/** Rounds by scenario, with the contenders FEW_NAME and MANY_NAME. */
export type TableSize = Map<string, Rounds>;

export function measureTableSize(bench: Bench): Promise<TableSize> {
  const { options, machine, progress } = bench;
  return withServers(async (keep) => {
    const sides = [];
    for (const [name, users] of [[FEW_NAME, FEW] as const, [MANY_NAME, MANY] as const]) {
      progress(`users100k preparing ${name}`);
      const server = keep(await startWithUsers(machine, users));
      const requestsOf = await connectSimpleJwt(server.url, spread(users));
      sides.push({ name, server, requestsOf });
    }
    const results: TableSize = new Map();
    for (const scenario of [...loadScenarios, 'register'] as const) {
      const contenders = sides.map(
        ({ name, server, requestsOf }): Contender => ({
          name,
          async measure(seconds) {
            const requests =
              scenario === 'register'
                ? [registration]
                : ((await requestsOf(scenario, seconds)) ?? []);
            const load = { url: server.url, connections: LOGIN_CONNECTIONS, seconds };
            return applyLoad(machine, { ...load, requests });
          },
        }),
      );
      const onMeasure = (round: number, name: string) =>
        progress(`users100k ${scenario} ${roundName(round, options.rounds)} ${name}`);
      results.set(scenario, await interleave(contenders, { ...options, onMeasure }));
    }
    return results;
  });
}

const registration: LoadRequest = post('/api/users', { email: 'new{n}@load.example', password });
const emailOf = (n: number) => `filler${n}@load.example`;

/** 16 accounts from all over the table. */
const spread = (users: number) =>
  Array.from({ length: FEW }, (_, n) => emailOf(1 + Math.floor((n * users) / FEW)));

async function startWithUsers(machine: Machine, users: number): Promise<ServerProcess> {
  const directory = directoryFor(machine, 'users100k', String(users));
  const first = await gatepass.start(machine, directory);
  try {
    const answer = await send(
      first.url,
      post('/api/users', { email: 'model@load.example', password }),
    );
    if (answer.status !== 201)
      throw new Error(`registration: ${answer.status} ${await answer.text()}`);
  } finally {
    await first.stop();
  }
  fill(databaseFile(directory), users);
  return gatepass.start(machine, directory);
}

/** Copies the only user under other addresses, whatever columns the table has. */
function fill(file: string, users: number): void {
  const database = new DatabaseSync(file);
  const columns = database
    .prepare("SELECT name FROM pragma_table_info('users') WHERE name <> 'id'")
    .all()
    .map(({ name }) => String(name));
  const values = columns.map((column) => (column.startsWith('email') ? ':email' : column));
  const insert = database.prepare(
    `INSERT INTO users (${columns}) SELECT ${values} FROM users ORDER BY id LIMIT 1`,
  );
  database.exec('BEGIN');
  for (let n = 1; n <= users; n++) insert.run({ email: emailOf(n) });
  database.exec('COMMIT');
  database.close();
}
