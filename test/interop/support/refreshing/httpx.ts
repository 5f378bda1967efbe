import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fromVenv, isMissing, PYTHON } from '../programs.ts';
import type { Tokens } from './slow-service.ts';

const python = fromVenv('python', PYTHON);
const missing = isMissing(python, '-c', 'import httpx');

/** The value of a test's `skip`. */
export const withoutHttpx = missing && 'needs httpx: test/interop/make-venv.sh';

type Outcome = { readonly failed: number; readonly sessions: Tokens[] };
type Start = { readonly url: string; readonly parallel: number; readonly sessions: Tokens[] };

/** Sessions in a Python process; the returned function is one burst of all of them. */
export function startHttpx(t: TestContext, options: Start): () => Promise<Outcome> {
  const script = join(import.meta.dirname, 'httpx_client.py');
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  t.after(async () => {
    child.stdin.end();
    await exited;
  });
  const lines = createInterface(child.stdout);
  child.stdin.write(`${JSON.stringify(options)}\n`);
  return async () => {
    child.stdin.write('burst\n');
    const [line] = await Promise.race([
      once(lines, 'line'),
      exited.then(() => [JSON.stringify('the process has ended')]),
    ]);
    return JSON.parse(line);
  };
}
