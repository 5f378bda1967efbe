/**
 * Starts Gatepass for an example, and the example beside it: `node ../start.js COMMAND…`. The page is at
 * http://localhost:5173, or at PORT; the example finds Gatepass at GATEPASS_URL.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const { PORT = '5173' } = process.env;
const [, , command = '', ...args] = process.argv;
const gatepass = spawn(
  process.execPath,
  [fileURLToPath(new URL('../packages/server/bin/gatepass.js', import.meta.url)), 'serve'],
  {
    env: {
      ...process.env,
      GATEPASS_PORT: '0',
      GATEPASS_LOG_FORMAT: 'json',
      GATEPASS_PUBLIC_URL: `http://localhost:${PORT}`,
      GATEPASS_ROTATE_REFRESH_TOKENS: 'true',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);

for await (const line of createInterface({ input: gatepass.stdout })) {
  const { url } = JSON.parse(line);
  if (!url) continue;
  const example = spawn(command, args, {
    env: {
      ...process.env,
      PORT,
      GATEPASS_URL: url,
      GATEPASS_PUBLIC_URL: `http://localhost:${PORT}`,
    },
    stdio: 'inherit',
  });
  const stop = () => {
    example.kill();
    gatepass.kill();
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
  example.once('exit', (code) => {
    gatepass.kill();
    process.exitCode = code ?? 1;
  });
  break;
}
gatepass.stdout.resume();
