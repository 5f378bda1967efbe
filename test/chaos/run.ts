/**
 * Runs the chaos experiments:
 * node test/chaos/run.ts [I1 I2 …] [--engine sqlite|postgres] [--seconds N] [--seed N] [--planted]
 * Exit code 0 = every invariant held, 1 = one was broken (as it must be with --planted).
 */
import { parseArgs } from 'node:util';
import type { Experiment, Result } from './support/experiment.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    planted: { type: 'boolean', default: false },
    engine: { type: 'string', default: 'sqlite' },
  },
});
process.env['GATEPASS_TEST_ENGINE'] = values.engine;
const { experiments } = await import('./experiments.ts');
const chosen = experiments.filter(({ id, engine }) =>
  positionals.length === 0
    ? engine === undefined || engine === values.engine
    : positionals.includes(id),
);
const unknown = positionals.filter((name) => !experiments.some(({ id }) => id === name));
if (
  unknown.length > 0 ||
  !/^(?:sqlite|postgres)$/.test(values.engine) ||
  !(Number(values.seconds) > 0) ||
  !Number.isInteger(Number(values.seed))
) {
  const ids = experiments.map(({ id }) => id).join(' ');
  console.error(
    `usage: run.ts [${ids}] [--engine sqlite|postgres] [--seconds N] [--seed N] [--planted]`,
  );
  process.exit(2);
}

const options = {
  seconds: Number(values.seconds),
  seed: Number(values.seed),
  planted: values.planted,
};

function print({ id, invariant, plantedBug }: Experiment, { figures, violations }: Result): void {
  const what = options.planted ? `${invariant}; planted: ${plantedBug}` : invariant;
  const seen = Object.entries(figures).map(([name, count]) => `${count} ${name}`);
  const verdict = violations.length > 0 ? `BROKEN ${violations.length}x` : 'held';
  console.log(`| ${id} | ${what} | ${seen.join(', ')} | ${verdict} |`);
  for (const violation of violations.slice(0, 5)) console.error(`  ${id}: ${violation}`);
}

console.log('| | invariant | seen | verdict |');
console.log('|---|---|---|---|');
let broken = 0;
for (const experiment of chosen) {
  const result = await experiment.run(options);
  if (result.violations.length > 0) broken++;
  print(experiment, result);
}
process.exitCode = broken > 0 ? 1 : 0;
