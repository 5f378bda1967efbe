import type { FastifyRequest } from 'fastify';

// W3C Trace Context §3.2: version, trace-id, parent-id, flags; later versions may say more.
const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}((?<!^00.*)-.*)?$/;

/** What joins the lines of one request with each other and with those of its callers. */
export function idsOf({ id, headers }: FastifyRequest) {
  const { traceparent } = headers;
  const match = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent) : null;
  if (!match) return { request_id: id };
  return {
    request_id: id,
    trace_id: match[1],
    parent_id: match[2],
  };
}
