/** Reads request bodies: JSON and forms of both kinds, UTF-8 only; an empty body is an empty object. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../../errors.ts';
import { NO_DATA, parseError, unsupportedMediaType } from '../refusals.ts';
import { readMultipart } from './multipart.ts';

/** Bytes of a request body that are read; more is 413. */
export const BODY_LIMIT = 16 * 1024;

const JSON_TYPES = new Set(['application/json', 'application/*', '*/json', '*/*']);
const FORM_TYPE = 'application/x-www-form-urlencoded';
const MULTIPART_TYPE = 'multipart/form-data';

/** The media types that are read, for descriptions. */
export const PARSED_TYPES = ['application/json', FORM_TYPE, MULTIPART_TYPE];

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Makes this file the reader of all bodies. A body that cannot be read becomes a Refusal in place of
 * the fields, which validation.ts throws: a Fastify parser that fails would close the connection of
 * an honest client.
 */
export function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  // Named although '*' covers them: Fastify does not parse a type that it finds by name.
  const types = ['application/json', FORM_TYPE, '*'];
  app.addContentTypeParser(types, { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    const body = decodeOrRefuse(request, bytes);
    if (!(body instanceof Promise)) return done(null, body);
    body.catch(asRefusal).then((fields) => done(null, fields), done);
  });
  // Fastify refuses a malformed media type before it checks whether there is a body.
  app.addHook('onRequest', ({ raw: { headers } }, _reply, done) => {
    const { 'content-length': length = '0', 'transfer-encoding': coding } = headers;
    if (length === '0' && coding === undefined) delete headers['content-type'];
    done();
  });
}

function decodeOrRefuse(request: FastifyRequest, bytes: Buffer): unknown {
  try {
    const body = decodeBody(request, bytes);
    return body === null ? new Refusal(NO_DATA) : body;
  } catch (error) {
    return asRefusal(error);
  }
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}

/**
 * @returns a promise for multipart only
 * @throws {Refusal} 415 for other types, charsets and encodings, 400 for a malformed body
 */
function decodeBody(request: FastifyRequest, bytes: Buffer): unknown {
  if (bytes.length === 0) return {};
  const { 'content-type': contentType = '', 'content-encoding': encoding } = request.headers;
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw unsupported(`${contentType}; content-encoding=${encoding}`);
  // Nearly every client sends this, so it skips the parsing below.
  if (contentType === 'application/json') return parseJson(bytes);
  const [mediaType = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  if (parameters.some(namesOtherCharset)) throw unsupported(contentType);
  if (JSON_TYPES.has(mediaType.toLowerCase())) return parseJson(bytes);
  if (mediaType.toLowerCase() === FORM_TYPE)
    return Object.fromEntries(new URLSearchParams(decodeText(bytes)));
  if (mediaType.toLowerCase() === MULTIPART_TYPE) return readMultipart(bytes, contentType);
  throw unsupported(contentType);
}

const namesOtherCharset = (parameter: string) => {
  const charset = /^charset\s*=\s*"?([^"]*)"?$/i.exec(parameter)?.[1];
  return charset !== undefined && !/^utf-?8$/i.test(charset);
};

const unsupported = (mediaType: string) => unsupportedMediaType(mediaType);

function parseJson(bytes: Buffer): unknown {
  const text = decodeText(bytes);
  try {
    return JSON.parse(text);
  } catch {
    // The engine's own message quotes the body, which may hold a password.
    throw parseError('the body is not valid JSON');
  }
}

function decodeText(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw parseError('the body is not valid UTF-8');
  }
}
