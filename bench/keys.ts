/** What a token costs under each algorithm, without HTTP: node bench/keys.ts [rounds] */
import { pino } from 'pino';
import { systemClock as clock } from '../packages/server/src/clock.ts';
import { readConfig } from '../packages/server/src/config/config.ts';
import { openDatabase } from '../packages/server/src/database/open.ts';
import { startKeys } from '../packages/server/src/keys/feature.ts';
import { createServices } from '../packages/server/src/services.ts';
import { createTokens } from '../packages/server/src/token/tokens.ts';

const ALGORITHMS = ['HS256', 'EdDSA', 'ES256', 'RS256'] as const;
const ROUND_MS = 300;
const rounds = Number(process.argv[2] ?? 7);

async function start(algorithm: string) {
  const config = readConfig({
    GATEPASS_DATABASE_URL: 'sqlite::memory:',
    GATEPASS_SIGNING_ALG: algorithm,
  });
  const database = openDatabase(config.databaseUrl);
  await database.migrate();
  const deps = { config, database, clock, logger: pino({ level: 'silent' }) };
  const accounts = createServices(deps);
  const { keyRing } = await startKeys(deps, accounts);
  const { revocations } = accounts;
  const tokens = createTokens({ keyRing, revocations, clock, policy: config });
  const holder = { userId: 1, id: 'f0BS68wKI_Wux5f-423QDg' };
  const token = tokens.mintAccess(holder);
  if (!tokens.check(token, ['access']).ok) throw new Error(`${algorithm}: a bad token`);
  return {
    algorithm,
    mint: () => tokens.mintAccess(holder),
    verify: () => tokens.check(token, ['access']),
    bytes: token.length,
  };
}

/** Calls per second. */
function rate(act: () => unknown): number {
  const start = performance.now();
  let count = 0;
  for (; performance.now() - start < ROUND_MS; count++) for (let i = 0; i < 20; i++) act();
  return (count * 20_000) / (performance.now() - start);
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

const subjects = await Promise.all(ALGORITHMS.map(start));
const seen = new Map(subjects.map(({ algorithm }) => [algorithm, { mint: [0], verify: [0] }]));
for (let round = 0; round < rounds; round++)
  for (const { algorithm, mint, verify } of subjects) {
    // The first round warms the compiler up.
    if (round === 1) seen.set(algorithm, { mint: [], verify: [] });
    seen.get(algorithm)?.mint.push(rate(mint));
    seen.get(algorithm)?.verify.push(rate(verify));
  }
console.log('| algorithm | mint/s | verify/s | characters |\n| --- | --: | --: | --: |');
for (const { algorithm, bytes } of subjects) {
  const { mint = [], verify = [] } = seen.get(algorithm) ?? {};
  const [minted, verified] = [mint, verify].map((each) => Math.round(median(each)));
  console.log(
    `| ${algorithm} | ${minted?.toLocaleString('en')} | ${verified?.toLocaleString('en')} | ${bytes} |`,
  );
}
process.exit(0);
