/** I13: the receiver of docs/events.md, killed at random beside a server that is killed too, misses no event. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../packages/server/test/sessions/support/faulty.ts';
import { createPeople } from '../../packages/server/test/sessions/support/people.ts';
import * as markdown from '../support/markdown.ts';
import { createEnding } from './support/ending.ts';
import type { Experiment } from './support/experiment.ts';
import { withLab } from './support/lab.ts';
import { patiently } from './support/patiently.ts';

const PAGE = join(import.meta.dirname, '../../docs/events.md');
const WRITERS = 8;
const SHORT = { writers: 5, written: 40, readerKills: 3, serverKills: 1 };
/** How long a transaction may stay open with a number that others are already above, where several write at once. */
const HELD_MS = 60;
/** The most that a process takes to start and to find a server. */
const STARTED_MS = 3000;
const CAUGHT_UP_MS = 60_000;

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return String(typeof address === 'object' ? address?.port : 0);
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

export const events: Experiment = {
  id: 'I13',
  invariant: 'a killed reader of events misses none and never goes back',
  plantedBug: 'numbers count as settled before their commits',
  run: (options) =>
    withLab(async (lab) => {
      const { seed, planted, isShort } = options;
      const random = createRandom(seed);
      const plant = planted ? 'I13' : undefined;
      const port = await freePort();
      const start = () => lab.start(plant, { GATEPASS_PORT: port });
      let server = await start();
      const people = await createPeople(lab.databaseUrl, {});
      const key = await people.newKey('events:read');
      const [program, file] = [lab.path('receiver.mjs'), lab.path('position')];
      const [recipe = ''] = markdown.blocksOf(await readFile(PAGE, 'utf8'), 'js');
      // The recipe's pause of a second would be most of a short run.
      await writeFile(program, recipe.replace('sleep(1000)', 'sleep(20)'));

      const violations: string[] = [];
      const figures = {
        written: 0,
        received: 0,
        'kills of the reader': 0,
        'kills of the server': 0,
      };
      const seen = new Set<string>();
      const readPosition = () => readFile(file, 'utf8').then(Number, () => 0);
      let position = 0;

      async function startReader() {
        const stored = await readPosition();
        if (stored < position) violations.push(`the position went from ${position} to ${stored}`);
        position = stored;
        let last = stored;
        const url = `http://127.0.0.1:${port}/api/events`;
        const env = { EVENTS_URL: url, EVENTS_KEY: key, EVENTS_POSITION: file };
        const reader = spawn(process.execPath, [program], {
          env,
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        createInterface({ input: reader.stdout }).on('line', (line) => {
          const { seq, session_id } = JSON.parse(line);
          if (seq <= last) violations.push(`${seq} came behind ${last}`);
          last = seq;
          seen.add(session_id);
          figures.received++;
        });
        return reader;
      }
      let reader = await startReader();

      const written: string[] = [];
      const hasDoneEnough = () =>
        written.length >= SHORT.written &&
        figures['kills of the reader'] >= SHORT.readerKills &&
        figures['kills of the server'] >= SHORT.serverKills;
      const isOver = createEnding(options, hasDoneEnough);
      const writing = Array.from({ length: isShort ? SHORT.writers : WRITERS }, async () => {
        const email = await patiently(people.newUser);
        while (!isOver()) {
          // SQLite has one writer, so a transaction that waits would delay all others.
          const held = lab.postgres ? HELD_MS * random() : 0;
          written.push(await patiently(() => people.openSession(email, held)));
          await sleep(50 * random());
        }
      });
      const killingReaders = (async () => {
        for (;;) {
          // Killing a reader that has not read yet shows nothing.
          await Promise.race([once(reader.stdout, 'data'), sleep(STARTED_MS)]);
          await sleep(50 + 400 * random());
          if (isOver()) return;
          await kill(reader);
          figures['kills of the reader']++;
          reader = await startReader();
        }
      })();
      const killingServers = (async () => {
        for (;;) {
          await sleep(700 + 1500 * random());
          if (isOver()) return;
          await server.kill();
          figures['kills of the server']++;
          server = await start();
        }
      })();
      await Promise.all([...writing, killingReaders, killingServers]);

      figures.written = written.length;
      const missing = () => written.filter((id) => !seen.has(id));
      const { lastIds } = people.database;
      for (const end = performance.now() + CAUGHT_UP_MS; performance.now() < end; await sleep(50))
        if ((await readPosition()) >= ((await lastIds())['audit_events'] ?? 0)) break;
      // Lines printed before the position was stored may still be on their way.
      await kill(reader);
      await sleep(100);
      for (const id of missing()) violations.push(`session ${id} was never told of`);
      await server.kill();
      await people.database.close();
      return { figures, violations };
    }),
};
