/**
 * The ceiling of logins: the hash library alone, with the server's cost parameters, in a loop.
 * `bare-hash.ts <seconds> <hashes in flight>` prints `{"rate":…,"p50Ms":…,"p99Ms":…}`.
 */
import { hash, verify } from '@node-rs/argon2';
import { percentile } from './measure.ts';

const seconds = Number(process.argv[2]);
const inFlight = Number(process.argv[3]);
const password = 'correct horse 9 battery';
const stored = await hash(password, { memoryCost: 19456, timeCost: 2, parallelism: 1 });

async function loop(until: number): Promise<number[]> {
  const times: number[] = [];
  while (performance.now() < until) {
    const start = performance.now();
    if (!(await verify(stored, password))) throw new Error('the right password did not match');
    times.push(performance.now() - start);
  }
  return times;
}

await loop(performance.now() + 300);
const start = performance.now();
const until = start + seconds * 1000;
const times = (await Promise.all(Array.from({ length: inFlight }, () => loop(until)))).flat();
const rate = times.length / ((performance.now() - start) / 1000);
const p50Ms = percentile(times, 50);
const p99Ms = percentile(times, 99);
console.log(JSON.stringify({ rate, p50Ms, p99Ms }));
