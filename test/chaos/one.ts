/** Runs one experiment, in a process that run.ts can kill if it hangs. */
import { experiments } from './experiments.ts';
import type { Options } from './support/experiment.ts';

const [, , id, given = '{}'] = process.argv;
const options: Options = JSON.parse(given);
const experiment = experiments.find((each) => each.id === id);
if (!experiment) throw new Error(`no experiment ${id}`);
process.send?.(await experiment.run(options));
process.disconnect?.();
