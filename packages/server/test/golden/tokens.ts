/** Builds the tokens of a recorded request anew: same making, our key, our clock, our user ids. */
import { createHmac } from 'node:crypto';
import { SECRET } from '../support/service.ts';
import type { TokenTemplate } from './sample.ts';

export type Pair = { readonly access: string; readonly refresh: string };
export type TokenType = keyof Pair;

/** What templates and descriptions refer to. */
export type TokenContext = {
  /** Epoch seconds. */
  readonly now: number;
  /** By the name before the @: user ids, and pairs issued before any state changed. */
  readonly ids: ReadonlyMap<string, number>;
  readonly pairs: ReadonlyMap<string, Pair>;
};

/** The text for one `{{tok:N}}`; `type` is the kind of token the route is for. */
export function buildToken(template: TokenTemplate, type: TokenType, context: TokenContext) {
  const { header, payload, signature } = template;
  if (header === undefined || payload === undefined || signature === undefined)
    return describedToken(template.desc, type, context);
  const bytes = ENCODED_PAYLOADS[template.desc]?.(plainClaims(type, context));
  return compact(
    fill(header, context),
    bytes ?? fill(payload, context),
    (input) => SIGNATURES[signature]?.(input, issued('alice', type, context)) ?? unknown(signature),
  );
}

/** The recorder wrote out (and cut) payloads that are not UTF-8; these are the claims in them. */
const ENCODED_PAYLOADS: Record<string, (claims: string) => Buffer> = {
  'payload-bom': (claims) => Buffer.from(`\ufeff${claims}`),
  'payload-utf16': (claims) => Buffer.from(`\ufeff${claims}`, 'utf16le'),
};

const ANOTHER_KEY = SECRET.toUpperCase();
const hmac = (algorithm: string, key: string) => (input: string) =>
  createHmac(algorithm, key).update(input).digest('base64url');

const SIGNATURES: Record<string, (input: string, valid: string) => string> = {
  'HS256, key=PEER_KEY': hmac('sha256', SECRET),
  'HS512, key=PEER_KEY': hmac('sha512', SECRET),
  'HS256, another key': hmac('sha256', ANOTHER_KEY),
  'empty signature': () => '',
  'fixed signature': (_, valid) => segments(valid).signature,
};

/** Tokens without a template, made from the valid one. */
const DESCRIBED: Record<string, (valid: string) => string> = {
  quoted: (valid) => JSON.stringify(valid),
  // The recording's signature had neither "-" nor "_": the other alphabet left it as it was. The
  // description stuck to every later use of that token, as the next one did to "Bearer <token>".
  'signature in the standard base64 alphabet': (valid) => valid,
  'with-Bearer-prefix': (valid) => `Bearer ${valid}`,
  garbage: () => 'garbage',
  emoji: () => '🔑',
  dots: () => '..',
  'one-dot': () => 'a.b',
  'dots-and-text': () => 'a.b.c',
  'jwe-shape': () => 'a.b.c.d.e',
  'trailing-dot': (valid) => `${valid}.`,
  'empty-signature': (valid) => withSignature(valid, ''),
  'empty-payload': (valid) => withPayload(valid, ''),
  'non-ascii-in-sig': (valid) => `${valid}é`,
  'sig cut': (valid) => valid.slice(0, -4),
  'sig + 3 bytes': (valid) => `${valid}AAAA`,
  'sig[0] changed': (valid) =>
    withSignature(valid, flipBit(segments(valid).signature, 0, 0b10_0000)),
  'lowest (unused) bit of the last base64 character of the signature flipped': (valid) =>
    flipBit(valid, valid.length - 1, 0b00_0001),
  'a used bit of the last character flipped': (valid) =>
    flipBit(valid, valid.length - 1, 0b10_0000),
  "'=====' appended": (valid) => `${valid}=====`,
  'four non-alphabet characters inside the signature': (valid) => insertInSignature(valid, '!!!!'),
  'space inside the signature': (valid) => insertInSignature(valid, ' '),
  'space inside the payload segment': (valid) =>
    withPayload(valid, insert(segments(valid).payload, ' ')),
  "payload segment with '=' padding, signature over the unpadded": (valid) =>
    withPayload(valid, pad(segments(valid).payload)),
  "payload segment with '=' padding (or '====' where none was needed), signed with it": (valid) =>
    resigned(valid, pad),
};

function describedToken(desc: string, type: TokenType, context: TokenContext): string {
  const [, issuedType, user] = /^issued (access|refresh) of (\w+)$/.exec(desc) ?? [];
  if (user !== undefined) return issued(user, issuedType as TokenType, context);
  return DESCRIBED[desc]?.(issued('alice', type, context)) ?? unknown(desc);
}

export function issued(user: string, type: TokenType, { pairs }: TokenContext): string {
  return pairs.get(user)?.[type] ?? unknown(`a token of ${user}`);
}

/** A character of the signature's inside is followed by this text. */
export const insertInSignature = (token: string, text: string) =>
  withSignature(token, insert(segments(token).signature, text));

/** The payload segment is respelled and the signature made over the new spelling. */
export function resigned(token: string, respell: (payload: string) => string): string {
  const { header, payload } = segments(token);
  const input = `${header}.${respell(payload)}`;
  return `${input}.${hmac('sha256', SECRET)(input)}`;
}

export const insert = (text: string, inserted: string) =>
  text.slice(0, 10) + inserted + text.slice(10);

function compact(
  header: string | Buffer,
  payload: string | Buffer,
  sign: (input: string) => string,
): string {
  const encode = (part: string | Buffer) => Buffer.from(part).toString('base64url');
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${sign(input)}`;
}

const LIFETIME_SECONDS = { access: 300, refresh: 86_400 };

const plainClaims = (type: TokenType, context: TokenContext) =>
  fill(
    `{"token_type":"${type}","exp":<NOW+${LIFETIME_SECONDS[type]}>,"iat":<NOW>,"jti":"<HEX32>","user_id":<UID:alice>}`,
    context,
  ).toString();

function fill(template: string, { now, ids }: TokenContext): string | Buffer {
  if (template.startsWith("b'")) return pythonBytes(template);
  return template
    .replace(/<NOW([+-][\d.]+)?>/g, (_, offset: string | undefined) =>
      String(now + Number(offset ?? 0)),
    )
    .replaceAll('<HEX32>', () => crypto.randomUUID().replaceAll('-', ''))
    .replace(/<UID:(\w+)>/g, (_, user: string) => String(ids.get(user) ?? unknown(user)));
}

/** Reads `b'…\xff…'`. */
function pythonBytes(literal: string): Buffer {
  const text = literal
    .slice(2, -1)
    .replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return Buffer.from(text, 'latin1');
}

function segments(token: string) {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return { header, payload, signature };
}

const withPayload = (token: string, payload: string) =>
  [segments(token).header, payload, segments(token).signature].join('.');

const withSignature = (token: string, signature: string) =>
  [segments(token).header, segments(token).payload, signature].join('.');

const pad = (payload: string) => payload + '='.repeat(4 - (payload.length % 4));

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function flipBit(text: string, at: number, bit: number): string {
  const flipped = ALPHABET[ALPHABET.indexOf(text.charAt(at)) ^ bit];
  return text.slice(0, at) + flipped + text.slice(at + 1);
}

function unknown(what: string): never {
  throw new Error(`The sample speaks of ${what}, which the replay cannot make`);
}
