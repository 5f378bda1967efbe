/** Tokens a second that a library verifies on one core, in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { benchDirectory, environment } from '../machine.ts';

export const OURS_WARM = 'gatepass, seen before';

export type VerifierRates = { name: string; alg: 'HS256' | 'EdDSA'; rates: number[] };

/** What the libraries are measured at: short rounds do, nothing warms up over a network. */
const SECONDS = 1;

export async function measureVerifiers({
  options,
  machine,
  progress,
}: Bench): Promise<VerifierRates[]> {
  const plan = [options.rounds, Math.min(options.seconds, SECONDS)].map(String);
  progress(`verifier: ${plan[0]} rounds of ${plan[1]} s`);
  const loop = join(benchDirectory, 'verifier-loop.ts');
  const [program, ...args] = machine.forServer([process.execPath, loop, ...plan]);
  const child = spawn(program, args, {
    env: environment({}),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.on('exit', () => child.kill());
  const ended = once(child, 'exit');
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  const [code] = await ended;
  if (code !== 0) throw new Error(`verifier-loop.ts exited with ${code}`);
  return JSON.parse(text);
}
