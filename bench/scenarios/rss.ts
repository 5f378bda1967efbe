/** Resident memory of the serving process: 3 s after the start, and after load. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, directoryFor, withServers } from '../bench.ts';
import { applyLoad } from '../load.ts';
import type { LoadScenario } from '../targets/target.ts';
import { LOGIN_CONNECTIONS } from './load-scenarios.ts';

const IDLE_AFTER_MS = 3000;
const LOADS: readonly LoadScenario[] = ['verify', 'refresh', 'login'];

export type Memory = { idleMiB: number; loadedMiB: number };

export async function measureMemory(bench: Bench): Promise<Map<string, Memory>> {
  const { machine, options, targets, progress } = bench;
  const memory = new Map<string, Memory>();
  for (const target of targets) {
    progress(`rss ${target.name}`);
    await withServers(async (keep) => {
      const server = keep(await target.start(machine, directoryFor(machine, 'rss', target.name)));
      await sleep(IDLE_AFTER_MS);
      const idleMiB = server.residentMiB();
      const requestsOf = await target.connect(server);
      for (const scenario of LOADS) {
        const requests = await requestsOf(scenario, options.seconds);
        const connections = scenario === 'login' ? LOGIN_CONNECTIONS : options.connections;
        const load = { url: server.url, connections, seconds: options.seconds };
        if (requests) await applyLoad(machine, { ...load, requests });
      }
      memory.set(target.name, { idleMiB, loadedMiB: server.residentMiB() });
    });
  }
  return memory;
}
