/** Runs experiments one after the other, in a process that run.ts can kill if one hangs. */
import { experiments } from './experiments.ts';
import type { Options } from './support/experiment.ts';

export type Order = { readonly id: string; readonly options: Options };

process.on('message', async ({ id, options }: Order) => {
  const experiment = experiments.find((each) => each.id === id);
  if (!experiment) throw new Error(`no experiment ${id}`);
  process.send?.(await experiment.run(options));
});
// Timers of experiments that are over would keep it alive.
process.once('disconnect', () => process.exit());
