/**
 * Runs the built client and verifier in other runtimes: `npm run test:runtimes`. Installs them (some
 * 800 MB) into a temporary folder, or uses those in GATEPASS_RUNTIMES.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService } from '../support/service.ts';
import { isAbsent, PACKAGES, run, runtimesIn, versionOf } from './runtimes.ts';
import { EXPECTED } from './story.js';

const ROOT = join(import.meta.dirname, '../..');
const work = mkdtempSync(join(tmpdir(), 'gatepass-runtimes-'));
const { app, stop } = await startService({
  GATEPASS_SIGNING_ALG: 'ES256',
  GATEPASS_KEY_ROTATION: 'off',
});

try {
  const tools = process.env['GATEPASS_RUNTIMES'] ?? installed(join(work, 'tools'));
  const folder = join(work, 'program');
  mkdirSync(folder);
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.ts'), join(work, 'built')]);
  for (const name of ['client', 'verifier'])
    cpSync(join(work, 'built', name), join(folder, 'node_modules/@gatepass', name), {
      recursive: true,
    });
  cpSync(join(import.meta.dirname, 'story.js'), join(folder, 'story.js'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');

  for (const runtime of runtimesIn(tools)) {
    const absent = isAbsent(runtime);
    const email = `${runtime.name.replace(' ', '')}@example.com`;
    writeFileSync(join(folder, 'main.js'), mainFor(app.listeningOrigin, email));
    const output = absent || (await run(runtime, folder));
    const isGood = !absent && output.includes(`\n${EXPECTED.join('\n')}\n`);
    console.log(`${isGood ? 'ok' : 'FAILED'} ${runtime.name} ${absent ? '' : versionOf(runtime)}`);
    if (!isGood) {
      console.log(output);
      process.exitCode = 1;
    }
  }
} finally {
  await stop();
  rmSync(work, { recursive: true, force: true });
}

function installed(tools: string): string {
  mkdirSync(tools);
  writeFileSync(join(tools, 'package.json'), '{}');
  const options = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  execFileSync('npm', [...options, ...PACKAGES], { cwd: tools, stdio: 'inherit' });
  return tools;
}

/** `report` for workerd, which calls it; the others run it themselves. */
function mainFor(url: string, email: string): string {
  return `import { story } from './story.js';
export const report = async () =>
  console.log(['', ...(await story('${url}', '${email}')), ''].join('\\n'));
if (!globalThis.navigator?.userAgent?.startsWith('Cloudflare')) await report();
`;
}
