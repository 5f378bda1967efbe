/** One line and one count for every response; floods of refusals are sampled. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import type { RefusalCode } from '../errors.ts';
import type { UnreadLog } from './edge/requests.ts';
import { methodOf, millisecondsSince } from './edge/server.ts';
import type { AddressOf } from './request/client-address.ts';

/** Hooks for metrics. Absent when metrics are off, so requests pay nothing. */
export type HttpMetrics = {
  /** A response has been sent. `route` is the pattern, `undefined` when none matched. */
  responded(route: string | undefined, method: string, status: number, ms: number): void;
  /** Bytes that could not be routed as a request were refused. */
  refusedUnread(status: number): void;
  /** A response is a refusal of the domain. */
  refused(code: RefusalCode): void;
  /** A request failed because the database cannot serve. */
  databaseFailed(): void;
};

/**
 * Records one response in metrics and writes its line; called once, when it has been sent. Callers
 * that know the `route` pass it: to tell it, Fastify makes an object of twelve fields.
 */
export type RequestLog = (request: FastifyRequest, reply: FastifyReply, route?: string) => void;

// Sent thousands of times a second and counted by metrics; logged only when something is wrong.
const ROUTINE = new Set([
  '/api/token/verify',
  '/api/token/refresh',
  '/api/revocations',
  '/.well-known/jwks.json',
  '/healthz',
  '/readyz',
]);

type Deps = {
  readonly logger: Logger;
  readonly timers: Timers;
  readonly addressOf: AddressOf;
  readonly metrics?: HttpMetrics | undefined;
};

export function createRequestLog({ metrics, ...deps }: Deps): RequestLog {
  const write = createLineWriter(deps);
  if (!metrics) return write;
  return (request, reply, route = routeOf(request)) => {
    metrics.responded(
      route,
      methodOf(request.raw),
      reply.statusCode,
      millisecondsSince(request.raw),
    );
    write(request, reply, route);
  };
}

/**
 * One line per response, from an allow-list of fields: never a body, a query string or a header.
 * Routine successes are `debug`, server errors `warn` (their cause is its own line), the rest
 * `info`.
 */
function createLineWriter({ logger, timers, addressOf }: Deps): RequestLog {
  const samplers = ['4xx', '5xx'].map((status) =>
    createSampler(timers, (count) => logger.info({ status, count }, 'more requests refused')),
  );
  return (request, reply, route = routeOf(request)) => {
    const { statusCode } = reply;
    const isRoutine = statusCode < 400 && route !== undefined && ROUTINE.has(route);
    const level = statusCode >= 500 ? 'warn' : isRoutine ? 'debug' : 'info';
    if (!logger.isLevelEnabled(level)) return;
    // A 500 is a bug, so every one is logged.
    const admit = statusCode === 500 ? undefined : samplers[Math.floor(statusCode / 100) - 4];
    if (admit?.() === false) return;
    logger[level](
      {
        ...idsOf(request),
        method: methodOf(request.raw),
        route: route ?? null,
        status: statusCode,
        ms: Math.round(millisecondsSince(request.raw) * 10) / 10,
        ip: addressOf(request),
      },
      'request',
    );
  };
}

/** The pattern that matched; `undefined` = none did. */
const routeOf = (request: FastifyRequest): string | undefined =>
  request.is404 ? undefined : request.routeOptions.url;

/** Status and address: nothing else of bytes that are not a request is safe to log. */
export function createUnreadLog(logger: Logger, timers: Timers, metrics?: HttpMetrics): UnreadLog {
  const admit = createSampler(timers, (count) =>
    logger.info({ count }, 'more malformed requests refused'),
  );
  return (status, socket) => {
    metrics?.refusedUnread(status);
    if (admit())
      logger.info({ status, ip: socket.remoteAddress ?? '' }, 'malformed request refused');
  };
}

const LINES_PER_SECOND = 10;
const WINDOW_MS = 1000;

/**
 * Bounds the lines that a client can cause for free: `true` for the first ten of a second.
 *
 * @param report called at the end of the second with the number of further lines, if any
 */
function createSampler(timers: Timers, report: (count: number) => void): () => boolean {
  let seen = 0;
  const closeWindow = () => {
    if (seen > LINES_PER_SECOND) report(seen - LINES_PER_SECOND);
    seen = 0;
  };
  return () => {
    if (seen === 0) timers.after(WINDOW_MS, closeWindow);
    seen++;
    return seen <= LINES_PER_SECOND;
  };
}

// W3C Trace Context §3.2: version, trace-id, parent-id, flags, and what later versions add.
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;

/** Ids that connect the lines of one request with each other and with those of its callers. */
export function idsOf({ id, headers }: FastifyRequest) {
  const { traceparent } = headers;
  const match = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent) : null;
  if (!match) return { request_id: id };
  const [, version, trace_id, parent_id, addition] = match;
  if (version === '00' && addition !== undefined) return { request_id: id };
  return { request_id: id, trace_id, parent_id };
}
