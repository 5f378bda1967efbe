/** npm run soak: half an hour of everything at once. */
import { parseArgs } from 'node:util';
import { printReport } from './report.ts';
import { soak } from './soak.ts';

const HELP = `npm run soak -- [options]

Everything at once against one real server: clients, floods, faults. Exit code: 0 no unexpected response
and flat memory and descriptors, 1 otherwise, 2 wrong usage. Progress goes to stderr, the report to stdout.

  --minutes 30   how long
  --seed 1
  --people 16    clients that behave well
  --help`;
/** Starting, stopping and the last look come on top of the minutes. */
const GRACE_MS = 240_000;

function readArguments() {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      seed: { type: 'string', default: '1' },
      people: { type: 'string', default: '16' },
      help: { type: 'boolean', default: false },
    },
  });
  const [minutes, seed, people] = [values.minutes, values.seed, values.people].map(Number);
  if (!minutes || !(minutes > 0)) throw new TypeError('--minutes must be a number above 0');
  if (seed === undefined || !Number.isInteger(seed))
    throw new TypeError('--seed must be an integer');
  if (!people || !(people > 0)) throw new TypeError('--people must be a number above 0');
  return { minutes, seed, people, help: values.help };
}

async function main({ minutes, seed, people }: ReturnType<typeof readArguments>): Promise<void> {
  const isTerminal = process.stderr.isTTY;
  let spoken = Number.NEGATIVE_INFINITY;
  const onProgress = (line: string) => {
    if (isTerminal) process.stderr.write(`\r\x1b[K${line}`);
    else if (performance.now() - spoken >= 60_000) {
      spoken = performance.now();
      process.stderr.write(`${line}\n`);
    }
  };
  const seconds = minutes * 60;
  setTimeout(
    () => {
      console.error(`no end ${GRACE_MS / 1000} s after the time was over`);
      process.exit(1);
    },
    seconds * 1000 + GRACE_MS,
  ).unref();
  const report = await soak({
    ...{ seconds, seed, people, pause: 1000, faultEvery: 30, onProgress },
    onUnexpected: (line) => process.stderr.write(`${isTerminal ? '\r\x1b[K' : ''}${line}\n`),
  });
  if (isTerminal) process.stderr.write('\r\x1b[K');
  process.exitCode = printReport(report) ? 0 : 1;
}

let given: ReturnType<typeof readArguments> | undefined;
try {
  given = readArguments();
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  process.exitCode = 2;
}
if (given?.help) console.log(HELP);
else if (given) await main(given);
