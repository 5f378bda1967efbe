import type { FastifyInstance, FastifyRequest } from 'fastify';

type Dated = FastifyRequest & { arrivedAt: number };

/**
 * When a request came. Fastify keeps that only for routes with an `onResponse` hook, and its
 * `setDecorator` looks the name up each time: a field of the request costs a verify nothing.
 */
export const prepareArrivals = (app: FastifyInstance): unknown =>
  app.decorateRequest('arrivedAt', 0);

/** Called by the first hook of every route. */
export function noteArrival(request: FastifyRequest): void {
  (request as Dated).arrivedAt = performance.now();
}

export const millisecondsSince = (request: FastifyRequest): number =>
  performance.now() - (request as Dated).arrivedAt;
