/** Puts load on a server with wrk or autocannon. Any response but a 2xx is an error. */
import { execFile } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { benchDirectory, type Command, environment, type Machine } from './machine.ts';
import type { Sample } from './measure.ts';

const run = promisify(execFile);

export type LoadRequest = {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  /** `{n}` becomes a new value in every request. */
  body?: string;
};

export type Load = {
  url: string;
  /** With several nodes, all of them: each gets a share of the connections and requests. wrk only. */
  nodes?: readonly string[];
  /** Sent in turn, over and over. */
  requests: readonly LoadRequest[];
  /** No request is sent twice; they differ in their bodies. wrk only. */
  once?: boolean | undefined;
  connections: number;
  seconds: number;
};

/** The report of both load generators. */
type Outcome = {
  rate: number;
  p50Ms: number;
  p99Ms: number;
  requests: number;
  errors: number;
  non2xx: number;
};

const unique = () => crypto.randomUUID().replaceAll('-', '').slice(0, 12);

/** @throws {Error} when a response is not a 2xx, or there is none */
export async function applyLoad(machine: Machine, load: Load): Promise<Sample> {
  await checkFirst(load);
  const command = machine.loadTool === 'wrk' ? wrk(machine, load) : autocannon(machine, load);
  const [program, ...args] = machine.forLoad(command);
  const { stdout } = await run(program, args, { env: environment({}) });
  const json = stdout.split('\n').findLast((line) => line.startsWith('{'));
  if (!json) throw new Error(`${machine.loadTool} printed no result:\n${stdout}`);
  const outcome: Outcome = JSON.parse(json);
  if (load.once && outcome.requests > load.requests.length)
    throw new Error(`${load.requests.length} requests were too few for ${load.seconds} s`);
  if (outcome.non2xx + outcome.errors > 0 || outcome.requests === 0) {
    const { requests, non2xx, errors } = outcome;
    const where = `${load.requests[0]?.method} ${load.url}${load.requests[0]?.path}`;
    throw new Error(
      `${where}: ${non2xx} answers that are no 2xx and ${errors} errors in ${requests} requests`,
    );
  }
  return outcome;
}

/** wrk counts only 4xx and 5xx, so this checks for redirects. */
async function checkFirst({ url, requests: [first] }: Load): Promise<void> {
  if (!first) throw new Error(`nothing to send to ${url}`);
  const { method, headers, body } = first;
  const filled = body?.replace('{n}', unique());
  const answer = await fetch(url + first.path, {
    method,
    headers,
    redirect: 'manual',
    ...(filled !== undefined && { body: filled }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url}${first.path}: ${answer.status} ${text}`);
}

function wrk(machine: Machine, load: Load): Command {
  const { url, nodes = [url], requests, once = false, connections, seconds } = load;
  const file = join(machine.directory, 'load.lua');
  writeFileSync(file, luaScript(once ? requests.slice(0, 1) : requests, nodes));
  if (once) {
    const bodies = join(machine.directory, 'bodies.jsonl');
    writeFileSync(bodies, requests.map(({ body }) => `${body}\n`).join(''));
    appendFileSync(file, luaBodies(bodies));
  }
  const flags = [
    `-t${nodes.length}`,
    `-c${connections}`,
    `-d${seconds}s`,
    '--timeout',
    '30s',
    '-s',
    file,
  ];
  return ['wrk', ...flags, url];
}

/** One thread for each node. */
function luaScript(requests: readonly LoadRequest[], nodes: readonly string[]): string {
  const quote = (text: string) => JSON.stringify(text);
  const items = requests.map(({ method, path, headers, body }) => {
    const fields = Object.entries(headers).map(
      ([name, value]) => `[${quote(name)}]=${quote(value)}`,
    );
    const content = body === undefined ? '' : `, body=${quote(body)}`;
    return `  { method="${method}", path=${quote(path)}, headers={${fields.join(', ')}}${content} },`;
  });
  const addresses = nodes.map((node) => {
    const { hostname, port } = new URL(node);
    return `{ "${hostname}", "${port}" }`;
  });
  const isTemplate = requests.some(({ body }) => body?.includes('{n}'));
  return `
local list = {
${items.join('\n')}
}
local nodes = { ${addresses.join(', ')} }
local ready = {}
local sent = 0
local threads = 0
function setup(thread)
  thread:set("part", threads)
  threads = threads + 1
  thread.addr = wrk.lookup(nodes[threads][1], nodes[threads][2])[1]
end
local function text(item, body) return wrk.format(item.method, item.path, item.headers, body) end
function init()
  for i, item in ipairs(list) do
    if i % #nodes == part % #nodes or #list < #nodes then ready[#ready + 1] = text(item, item.body) end
  end
end
function request()
  sent = sent + 1
  ${isTemplate ? `local item = list[(sent - 1) % #list + 1]\n  return text(item, (item.body:gsub("{n}", "${unique()}" .. part .. "x" .. sent)))` : 'return ready[(sent - 1) % #ready + 1]'}
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('{"rate":%.3f,"p50Ms":%.4f,"p99Ms":%.4f,"requests":%d,"errors":%d,"non2xx":%d}\\n',
    summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, summary.requests, e.connect + e.read + e.write + e.timeout, e.status))
end
`;
}

/** Tens of thousands of bodies: more constants than a script may have. */
const luaBodies = (file: string) => `
function init()
  local n = 0
  for body in io.lines(${JSON.stringify(file)}) do
    n = n + 1
    if n % #nodes == part % #nodes then ready[#ready + 1] = text(list[1], body) end
  end
end
`;

function autocannon(machine: Machine, load: Load): Command {
  const file = join(machine.directory, 'load.json');
  writeFileSync(file, JSON.stringify({ ...load, prefix: unique() }));
  return [process.execPath, join(benchDirectory, 'autocannon.js'), file];
}
