import type { FastifyRequest } from 'fastify';
import { NOT_FOUND, Refusal } from '../../errors.ts';
import { NOT_ACCEPTABLE } from '../refusals.ts';

/**
 * The API speaks JSON and says so to a client that insists on something else, as Django REST
 * Framework does: 406 for an `Accept` without JSON, 404 for a `?format=` other than json.
 */
export function negotiate(request: FastifyRequest): void {
  const { accept } = request.headers;
  if (accept !== undefined && accept !== '*/*' && !accept.split(',').some(includesJson))
    throw new Refusal(NOT_ACCEPTABLE);
  if (!request.url.includes('?')) return;
  const format = new URLSearchParams(request.url.split('?')[1]).getAll('format').at(-1);
  if (format && format !== 'json') throw new Refusal(NOT_FOUND);
}

const JSON_RANGES = new Set(['application/json', 'application/*', '*/json', '*/*']);

const includesJson = (range: string) => {
  const mediaType = (range.split(';')[0] ?? '').trim().toLowerCase();
  return JSON_RANGES.has(mediaType);
};
