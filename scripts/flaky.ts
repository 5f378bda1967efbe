/** Runs tests repeatedly beside busy loops, and reports how often each failed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const HELP = `npm run test:flaky -- [file or glob …] [options]

Tests that fail on a busy machine only: each round runs all of them beside busy loops.

  --rounds 3    how often
  --busy 4      busy loops beside them
  --help

Without files: everything that npm test runs. Progress goes to stderr, the table to stdout.
Exit code: 0 nothing failed, 1 something did, 2 wrong usage.

  npm run test:flaky -- "packages/server/test/sessions/*.test.ts" --rounds 5`;

const ALL = [
  'packages/!(server)/test/**/*.test.ts',
  'packages/server/test/*.test.ts',
  'packages/server/test/!(postgres)/*.test.ts',
  'test/*.test.ts',
  'test/openapi/*.test.ts',
];
const FAILED = /^not ok \d+ - (.+)$/;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    busy: { type: 'string', default: '4' },
    help: { type: 'boolean', default: false },
  },
});
const [rounds, busy] = [Number(values.rounds), Number(values.busy)];

/** The names of the tests that failed in one round. */
function round(files: readonly string[]): Promise<string[]> {
  const args = [join(import.meta.dirname, 'test.ts'), '--reporter', 'tap', ...files];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const failed: string[] = [];
  let rest = '';
  child.stdout.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const name = FAILED.exec(line.trim())?.[1];
      if (name !== undefined && !/ # (?:SKIP|TODO)/.test(name)) failed.push(name);
    }
  });
  return new Promise((resolve) => child.once('close', () => resolve(failed)));
}

async function main(): Promise<void> {
  const loops: ChildProcess[] = Array.from({ length: busy }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  );
  const stop = () => {
    for (const loop of loops) loop.kill('SIGKILL');
  };
  process.once('SIGINT', () => {
    stop();
    process.exit(130);
  });
  const counts = new Map<string, number>();
  try {
    for (let i = 1; i <= rounds; i++) {
      const since = performance.now();
      const failed = await round(positionals.length > 0 ? positionals : ALL);
      for (const name of failed) counts.set(name, (counts.get(name) ?? 0) + 1);
      const seconds = Math.round((performance.now() - since) / 1000);
      console.error(`round ${i} of ${rounds}: ${failed.length} failed, ${seconds} s`);
    }
  } finally {
    stop();
  }
  console.log(`| failed of ${rounds} | test |\n|--:|---|`);
  for (const [name, count] of [...counts].toSorted(([, a], [, b]) => b - a))
    console.log(`| ${count} | ${name} |`);
  if (counts.size === 0) console.log('| 0 | nothing failed |');
  process.exitCode = counts.size === 0 ? 0 : 1;
}

if (values.help) console.log(HELP);
else if (!(rounds > 0) || !(busy >= 0)) {
  console.error(HELP);
  process.exitCode = 2;
} else await main();
