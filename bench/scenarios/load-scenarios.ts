/**
 * verify, refresh, me, login: requests per second. All servers stay up while one is measured: an idle
 * server uses no processor time, and operators have warm servers.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Bench, directoryFor, withServers } from '../bench.ts';
import { applyLoad, type LoadRequest } from '../load.ts';
import { benchDirectory, environment, type Machine } from '../machine.ts';
import { type Contender, interleave, type Rounds } from '../measure.ts';
import type { LoadScenario, RequestsOf } from '../targets/target.ts';

export const LOGIN_CONNECTIONS = 8;
/** The minimum, so that the slowest peer finishes some. */
const LOGIN_SECONDS = 3;
/** The floor's verify beside everyone's refresh: the base of the project's own goal. */
export const FLOOR_VERIFY = 'floor (verify)';
export const BARE_HASH = 'bare hash library';

type Connected = { name: string; url: string; rotates: boolean; requestsOf: RequestsOf };

export function measureLoads(
  bench: Bench,
  scenarios: readonly LoadScenario[],
): Promise<Map<LoadScenario, Rounds>> {
  return withServers(async (keep) => {
    const connected: Connected[] = [];
    for (const target of bench.targets) {
      const directory = directoryFor(bench.machine, 'load', target.name);
      const server = keep(await target.start(bench.machine, directory));
      const requestsOf = await target.connect(server);
      const { name, rotates = false } = target;
      connected.push({ name, url: server.url, rotates, requestsOf });
    }
    const results = new Map<LoadScenario, Rounds>();
    for (const scenario of scenarios) {
      results.set(scenario, await measureOne(bench, scenario, connected));
    }
    return results;
  });
}

async function measureOne(
  { options, machine, progress }: Bench,
  scenario: LoadScenario,
  connected: readonly Connected[],
): Promise<Rounds> {
  const connections = scenario === 'login' ? LOGIN_CONNECTIONS : options.connections;
  const contenders: Contender[] = [];
  type Requests = (seconds: number) => Promise<LoadRequest[] | undefined>;
  function add(name: string, url: string, requests: Requests, once?: boolean) {
    contenders.push({
      name,
      measure: async (seconds) =>
        applyLoad(machine, {
          url,
          requests: (await requests(seconds)) ?? [],
          once,
          connections,
          seconds: scenario === 'login' ? Math.max(seconds, LOGIN_SECONDS) : seconds,
        }),
    });
  }
  for (const { name, url, rotates, requestsOf } of connected) {
    if (await requestsOf(scenario, 0))
      add(name, url, (seconds) => requestsOf(scenario, seconds), rotates);
    if (name === 'floor' && scenario === 'refresh') {
      add(FLOOR_VERIFY, url, (seconds) => requestsOf('verify', seconds));
    }
  }
  if (scenario === 'login') contenders.push(bareHash(machine));
  return interleave(contenders, {
    ...options,
    onMeasure: (round, name) => progress(`${scenario} ${roundName(round, options.rounds)} ${name}`),
  });
}

export const roundName = (round: number, rounds: number) =>
  round === 0 ? 'warm-up' : `round ${round}/${rounds}`;

/** As many hashes at once as the server allows itself on the same cores. */
function bareHash(machine: Machine): Contender {
  const inFlight = machine.serverCores;
  return {
    name: BARE_HASH,
    async measure(seconds) {
      const script = join(benchDirectory, 'bare-hash.ts');
      const [program, ...args] = machine.forServer([
        process.execPath,
        ...[script, String(seconds), String(inFlight)],
      ]);
      const { stdout } = await promisify(execFile)(program, args, { env: environment({}) });
      return JSON.parse(stdout);
    },
  };
}
