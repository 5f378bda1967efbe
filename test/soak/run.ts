/**
 * npm run soak -- [--minutes N] [--seed N] [--people N]: half an hour of everything at once.
 * Exit code 0 = no unexpected answer, and memory and descriptors stayed flat.
 */
import { parseArgs } from 'node:util';
import { printReport } from './report.ts';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    people: { type: 'string', default: '16' },
  },
});
const [minutes, seed, people] = [values.minutes, values.seed, values.people].map(Number);
if (!minutes || !(minutes > 0) || !Number.isInteger(seed) || !people || !(people > 0)) {
  console.error('usage: npm run soak -- [--minutes N] [--seed N] [--people N]');
  process.exit(2);
}

const isTerminal = process.stderr.isTTY;
let spoken = Number.NEGATIVE_INFINITY;
const onProgress = (line: string) => {
  if (isTerminal) process.stderr.write(`\r\x1b[K${line}`);
  else if (performance.now() - spoken >= 60_000) {
    spoken = performance.now();
    process.stderr.write(`${line}\n`);
  }
};

const report = await soak({
  seconds: minutes * 60,
  seed: seed ?? 1,
  people,
  pause: 1000,
  faultEvery: 30,
  onProgress,
  onUnexpected: (line) => process.stderr.write(`${isTerminal ? '\r\x1b[K' : ''}${line}\n`),
});
if (isTerminal) process.stderr.write('\r\x1b[K');
process.exitCode = printReport(report) ? 0 : 1;
