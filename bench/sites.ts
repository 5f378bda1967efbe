/** Nodes of one database, and their load. */
import { directoryFor } from './bench.ts';
import { applyLoad, type LoadRequest } from './load.ts';
import type { Machine } from './machine.ts';
import type { Sample } from './measure.ts';
import type { ServerProcess } from './server-process.ts';
import {
  type GatepassProcess,
  gatepass,
  gatepassRotating,
  startGatepass,
} from './targets/gatepass.ts';
import type { RequestsOf } from './targets/target.ts';

const CONNECTIONS = 32;
/** For logins, so that waiting for a turn is not measured. */
const LOGIN_CONNECTIONS = 4;
const ROTATING = { GATEPASS_ROTATE_REFRESH_TOKENS: 'true' };
export const SCENARIOS = ['verify', 'me', 'refresh', 'rotation', 'login', 'mix'] as const;
export type Scenario = (typeof SCENARIOS)[number];

/** Nodes of one database, without rotation and with. */
export type Site = {
  readonly plain: ServerProcess[];
  readonly rotating: ServerProcess[];
  readonly requestsOf: (scenario: Scenario, seconds: number) => Promise<LoadRequest[]>;
};

type Keep = <S extends ServerProcess>(server: S) => S;

/** Starts them, and makes the accounts. */
export async function openSite(
  machine: Machine,
  keep: Keep,
  urls: { plain: string; rotating: string },
  name: string,
  nodes: number,
): Promise<Site> {
  const directory = directoryFor(machine, name);
  const start = async (databaseUrl: string, what: string, variables = {}) => {
    const started: GatepassProcess[] = [];
    for (let n = 0; n < nodes; n++)
      started.push(
        keep(
          await startGatepass(machine, { name: `${what}-${n}`, directory, databaseUrl, variables }),
        ),
      );
    return started;
  };
  const plain = await start(urls.plain, 'plain');
  const rotating = await start(urls.rotating, 'rotating', ROTATING);
  const [ofPlain, ofRotating] = [
    await connect(gatepass, plain),
    await connect(gatepassRotating, rotating),
  ];
  return {
    plain,
    rotating,
    async requestsOf(scenario, seconds) {
      if (scenario === 'rotation') return (await ofRotating('refresh', seconds)) ?? [];
      if (scenario !== 'mix') return (await ofPlain(scenario, seconds)) ?? [];
      return mixed(
        (await ofPlain('verify', seconds)) ?? [],
        (await ofPlain('refresh', seconds)) ?? [],
        (await ofPlain('me', seconds)) ?? [],
      );
    },
  };
}

function connect(target: typeof gatepass, [first]: GatepassProcess[]): Promise<RequestsOf> {
  if (!first) throw new Error('no node');
  return target.connect(first);
}

/** Of eight requests: five verify, two refresh, one reads the account. */
function mixed(verify: LoadRequest[], refresh: LoadRequest[], me: LoadRequest[]): LoadRequest[] {
  const pattern = [verify, verify, refresh, verify, me, verify, refresh, verify];
  return Array.from({ length: 96 }, (_, n) => {
    const kind = pattern[n % pattern.length] ?? [];
    return kind[Math.floor(n / 2) % kind.length];
  }).filter((each) => each !== undefined);
}

export const nodesFor = ({ plain, rotating }: Site, scenario: Scenario) =>
  scenario === 'rotation' ? rotating : plain;

/** @param count how many of the nodes share it, behind a round robin by connection */
export function applyTo(
  machine: Machine,
  site: Site,
  { scenario, requests, count, seconds }: Work,
): Promise<Sample> {
  const nodes = nodesFor(site, scenario);
  // A single node gets both threads of the load, so the load is the same.
  const urls = nodes.map((_, n) => nodes[n % count]?.url ?? '');
  return applyLoad(machine, {
    url: urls[0] ?? '',
    nodes: urls,
    requests,
    once: scenario === 'rotation',
    connections: scenario === 'login' ? LOGIN_CONNECTIONS : CONNECTIONS,
    seconds,
  });
}

type Work = {
  readonly scenario: Scenario;
  readonly requests: readonly LoadRequest[];
  readonly count: number;
  readonly seconds: number;
};
