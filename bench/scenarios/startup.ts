/** From spawn to the first 200 of the health route, with a database that exists. */
import { type Bench, directoryFor } from '../bench.ts';

const STARTS = 7;

/** Milliseconds of each start, by target. */
export type StartTimes = Map<string, number[]>;

export async function measureStartup({ machine, targets, progress }: Bench): Promise<StartTimes> {
  const times: StartTimes = new Map(targets.map(({ name }) => [name, []]));
  for (let round = 0; round <= STARTS; round++) {
    for (const target of targets) {
      progress(`startup ${round === 0 ? 'first start' : `${round}/${STARTS}`} ${target.name}`);
      const server = await target.start(machine, directoryFor(machine, 'startup', target.name));
      await server.stop();
      // The first start makes the database, and fills the operating system's and Node's caches.
      if (round > 0) times.get(target.name)?.push(server.startedInMs);
    }
  }
  return times;
}
