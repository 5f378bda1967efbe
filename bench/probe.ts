/** The latency of verify for another client while a measurement runs. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export type Latencies = {
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Responses other than 200. */
  readonly others: number;
};

const EVERY_MS = 5;

/** One connection that verifies `token` two hundred times a second until `work` is done. */
export async function verifyDuring(
  url: string,
  token: () => string,
  work: () => Promise<unknown>,
): Promise<Latencies> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[] = [];
  let others = 0;
  let isOver = false;
  const working = work().finally(() => {
    isOver = true;
  });
  // An error of the work is reported below, after the probe has ended.
  working.catch(() => {});
  while (!isOver) {
    const since = performance.now();
    const status = await verify(agent, url, token());
    const took = performance.now() - since;
    times.push(took);
    if (status !== 200) others++;
    await sleep(Math.max(0, EVERY_MS - took));
  }
  agent.destroy();
  await working;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.ceil(share * times.length) - 1] ?? Number.NaN;
  return { requests: times.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1), others };
}

function verify(agent: Agent, url: string, token: string): Promise<number> {
  const body = JSON.stringify({ token });
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/api/token/verify`,
      {
        agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Eight connections that send a request as soon as they have a response. */
export async function hammer(url: string, path: string, headers: Record<string, string> = {}) {
  const until = performance.now() + 5000;
  let answered = 0;
  let limited = 0;
  const read = async () => {
    while (performance.now() < until) {
      const response = await fetch(url + path, { headers });
      await response.arrayBuffer();
      if (response.status === 429) limited++;
      else answered++;
    }
  };
  await Promise.all(Array.from({ length: 8 }, read));
  return `${answered} answered, ${limited} refused`;
}
