/**
 * Whether the duration of a failed login, or of a request for a reset, reveals which accounts exist:
 * one real server, one connection, one request at a time, the kinds in turn. Cases LE02 and AR02 of
 * docs/security-cases.md.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { withServers } from './bench.ts';
import { environment, repository } from './machine.ts';
import { median } from './measure.ts';
import { writeTables } from './page.ts';
import { processorClock } from './processor-time.ts';
import { freePort, startServer } from './server-process.ts';
import { post, send } from './targets/target.ts';
import { SUBJECTS, type Subject } from './timing-subjects.ts';

const HELP = `Measures whether the time of a failed login, or of a request for a password reset, tells which
accounts exist.

  npm run timing -- [options]

  --rounds 1500  rounds; each is one request of every kind, about 0.03 s
  --write        put the tables into docs/security.md instead of printing them
  --short        15 or 100 rounds and a goal of 25 % for the lower quartiles, of a login's processor time
                 and of a reset's duration, on which a busy machine has little effect: finds a request
                 that skips its work, and shows it with a planted one; up to seven times as many rounds
                 more, each part reported
  --planted      a server that hashes nothing for an unknown account: must miss the goal
  --help

Examples:
  npm run timing                              two minutes
  npm run timing -- --rounds 100 --planted    see it miss

Exit codes: 0 the medians of any two kinds differ by less than the goal (3 %), 1 it could not be measured,
2 wrong usage, 3 they differ by more, 130 interrupted.
`;
const GOAL_PERCENT = 3;
const SHORT_GOAL_PERCENT = 25;
const SHORT_PARTS = 8;
const FULL = { accounts: 4, warmUp: 20 };
const SHORT = { accounts: 1, warmUp: 5 };
const PASSWORD = 'correct horse 9 battery';
const program = join(repository, 'packages/server/bin/gatepass.js');

function readArguments() {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      rounds: { type: 'string', default: '1500' },
      write: { type: 'boolean', default: false },
      planted: { type: 'boolean', default: false },
      short: { type: 'boolean', default: false },
    },
  });
  if (!/^[1-9]\d{1,4}$/.test(values.rounds))
    throw new TypeError(`--rounds takes a whole number from 10 on, not "${values.rounds}"`);
  return { ...values, rounds: Number(values.rounds) };
}

/** A 95 % confidence interval of the median, by order statistics. */
function interval(values: readonly number[]): [low: number, high: number] {
  const sorted = values.toSorted((a, b) => a - b);
  const half = (1.96 * Math.sqrt(sorted.length)) / 2;
  const at = (rank: number) => sorted[Math.min(sorted.length - 1, Math.max(0, rank))] ?? Number.NaN;
  return [at(Math.floor(sorted.length / 2 - half)), at(Math.ceil(sorted.length / 2 + half))];
}

type Samples = readonly (readonly number[])[];
type Length = {
  readonly rounds: number;
  readonly accounts: number;
  readonly warmUp: number;
  /** What is measured of the server's process; by default the time that passes. */
  readonly clockOf?: (pid: number) => () => number;
  /** Asked after each round; by default all rounds are needed. */
  readonly isEnough?: (samples: Samples) => boolean;
};

async function measure(directory: string, subject: Subject, length: Length, isPlanted: boolean) {
  const { kinds } = subject;
  const { rounds, accounts, warmUp, isEnough = () => false } = length;
  const { clockOf = () => () => performance.now() } = length;
  const port = await freePort();
  const variables = environment({
    GATEPASS_DATABASE_URL: `sqlite:${directory}/gatepass.db`,
    GATEPASS_RATE_LIMITS: 'off',
    // A mail server in this process would take processor time from the next measurement.
    GATEPASS_SMTP_URL: `file:${directory}/mails`,
    GATEPASS_PORT: String(port),
    GATEPASS_ADMIN_PORT: 'off',
  });
  const planted = isPlanted ? ['--import', join(repository, 'bench/timing-planted.ts')] : [];
  return withServers(async (keep) => {
    const { url, pid } = keep(
      await startServer({
        name: 'gatepass',
        command: [process.execPath, ...planted, program, 'serve'],
        environment: variables,
        directory,
        port,
        healthPath: '/readyz',
        logFile: join(directory, 'gatepass.log'),
      }),
    );
    for (const { domain } of kinds.filter(({ name }) => !name.startsWith('unknown')))
      for (let n = 0; n < accounts; n++) {
        const email = `user${n}@${domain}`;
        const { status } = await send(url, post('/api/users', { email, password: PASSWORD }));
        if (status !== 201) throw new Error(`registration: ${status}`);
        if (domain.startsWith('disabled'))
          await promisify(execFile)(process.execPath, [program, 'user', 'disable', email], {
            cwd: directory,
            env: variables,
          });
      }
    const now = clockOf(pid);
    const samples = kinds.map((kind) => ({ ...kind, ms: [] as number[] }));
    for (let round = -warmUp; round < rounds; round++) {
      for (let turn = 0; turn < kinds.length; turn++) {
        // In alternating directions and with another first kind each time, so that the order does
        // not matter.
        const step = round % 2 === 0 ? turn : kinds.length - 1 - turn;
        const sample = samples[(step + Math.abs(round)) % kinds.length];
        if (!sample) continue;
        const email = `user${Math.abs(round) % accounts}@${sample.domain}`;
        const request = subject.request(email);
        const startedAt = now();
        const { status } = await send(url, request);
        const ms = now() - startedAt;
        if (status !== subject.status) throw new Error(`${sample.name}: ${status}`);
        if (round >= 0) sample.ms.push(ms);
      }
      if (isEnough(samples.map(({ ms }) => ms))) break;
    }
    return samples;
  });
}

type Given = ReturnType<typeof readArguments>;

async function main(subject: Subject, { rounds, write, planted }: Given): Promise<boolean> {
  const scratch = mkdtempSync(join(tmpdir(), 'gatepass-timing-'));
  process.on('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
  const samples = await measure(scratch, subject, { ...FULL, rounds }, planted);
  const first = median(samples[0]?.ms ?? []);
  const spread = spreadOf(samples.map(({ ms }) => median(ms)));
  const isMet = spread < GOAL_PERCENT;
  const lines = [
    `- ${new Date().toISOString().slice(0, 10)}: ${rounds} requests of each kind, one at a time, in turn; load average ${loadavg()[0]?.toFixed(1)}`,
    `- ${cpus()[0]?.model.trim()}, ${availableParallelism()} cores; Node.js ${process.versions.node}; SQLite`,
    '',
    `| ${subject.name} | median ms | 95 % interval | difference |`,
    '|---|--:|--:|--:|',
    ...samples.map(({ name, ms }) => {
      const [low, high] = interval(ms);
      const percent = (median(ms) / first - 1) * 100;
      return `| ${name} | ${median(ms).toFixed(2)} | ${low.toFixed(2)} to ${high.toFixed(2)} | ${percent.toFixed(1)} % |`;
    }),
    '',
    `The medians differ by ${spread.toFixed(1)} %; the goal, less than ${GOAL_PERCENT} %, is ${isMet ? 'met' : 'missed'}.`,
  ];
  if (write) writeTables(join(repository, 'docs/security.md'), subject.table, lines.join('\n'));
  else process.stdout.write(`${lines.join('\n')}\n`);
  return isMet;
}

const spreadOf = (typical: readonly number[]): number =>
  (Math.max(...typical) / Math.min(...typical) - 1) * 100;

/** Other programs only make a request slower; the work that it does or skips is in all of them. */
const lowerQuartile = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 2] ?? Number.NaN;

/** Goes on with the same server: the noise of a busy machine evens out, a difference in the code stays. */
async function mainShort(subject: Subject, isPlanted: boolean): Promise<boolean> {
  const scratch = mkdtempSync(join(tmpdir(), 'gatepass-timing-'));
  const name = isPlanted ? `${subject.name}, planted` : subject.name;
  const parts = isPlanted ? 1 : SHORT_PARTS;
  const { shortRounds } = subject;
  let isMet = false;
  const isEnough = (samples: Samples) => {
    const done = samples[0]?.length ?? 0;
    if (done === 0 || done % shortRounds > 0) return false;
    const spread = spreadOf(samples.map(lowerQuartile));
    isMet = spread < SHORT_GOAL_PERCENT;
    process.stdout.write(
      `${name}, attempt ${done / shortRounds} of ${parts}: the lower quartiles differ by ${spread.toFixed(1)} %, less than ${SHORT_GOAL_PERCENT} % is ${isMet ? 'met' : 'missed'}\n`,
    );
    return isMet;
  };
  const clock = subject.isOfProcessor ? { clockOf: processorClock } : {};
  const length = { ...SHORT, ...clock, rounds: parts * shortRounds, isEnough };
  await measure(scratch, subject, length, isPlanted).finally(() =>
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }),
  );
  return isMet;
}

let given: ReturnType<typeof readArguments> | undefined;
try {
  given = readArguments();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  process.exitCode = 2;
}
if (given?.help) process.stdout.write(HELP);
else if (given) {
  // The planted bug concerns hashing, so only the login shows it.
  const [login, ...others] = SUBJECTS;
  for (const subject of given.planted ? [login] : [login, ...others]) {
    const isMet = await (given.short ? mainShort(subject, given.planted) : main(subject, given));
    if (!isMet) process.exitCode = 3;
  }
  if (given.short && !given.planted && (await mainShort(login, true))) {
    process.stdout.write('the planted difference was not found\n');
    process.exitCode = 3;
  }
}
