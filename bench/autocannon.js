// Runs the load described by a JSON file (load.ts writes it) and prints what wrk's script prints.
// JavaScript, so that `npm run types` needs no bench/node_modules.
import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';

const { url, requests, connections, seconds, prefix } = JSON.parse(
  readFileSync(process.argv[2], 'utf8'),
);
let sent = 0;
const setupRequest = (request) => ({
  ...request,
  body: request.body.replace('{n}', `${prefix}${++sent}`),
});
const result = await autocannon({
  url,
  connections,
  duration: seconds,
  timeout: 30,
  requests: requests.map((request) =>
    request.body?.includes('{n}') ? { ...request, setupRequest } : request,
  ),
});
console.log(
  JSON.stringify({
    rate: result.requests.total / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    requests: result.requests.total,
    errors: result.errors + result.timeouts,
    non2xx: result.non2xx,
  }),
);
