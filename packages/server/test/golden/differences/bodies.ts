/** What a request may carry. */
import { type Difference, named } from '../difference.ts';
import {
  always,
  byName,
  fieldRefused,
  NOT_A_STRING,
  unrouted,
  unsupportedMediaType,
} from '../expected.ts';

export const bodies: readonly Difference[] = [
  {
    id: 'numbers-are-not-strings',
    title: 'A string field must be a JSON string',
    contract: '§3.4',
    why: 'Django turns numbers (and `true`, at registration) into text, so that a password of `123` and one of `"123"` are the same.',
    cases: [
      ...named('verify/', 'float', 'body-1e400-in-field'),
      'refresh/float',
      ...named('register/', 'email-true', 'password-number', 'password-float'),
    ],
    ours: byName({
      'verify/float': fieldRefused('token', NOT_A_STRING),
      'verify/body-1e400-in-field': fieldRefused('token', NOT_A_STRING),
      'refresh/float': fieldRefused('refresh', NOT_A_STRING),
      'register/email-true': fieldRefused('email', NOT_A_STRING),
      'register/password-number': fieldRefused('password', NOT_A_STRING),
      'register/password-float': fieldRefused('password', NOT_A_STRING),
    }),
  },
  {
    id: 'json-words',
    title: 'The words after `JSON parse error - ` are ours',
    contract: '§2',
    why: "The status and the beginning are the same. An engine's own message may quote the body, and the body may hold a password.",
    cases: [
      ...named('obtain/body-', 'malformed-trailing-comma', 'two-documents', 'nan'),
      ...named('obtain/body-', 'infinity-in-field', 'control-char-in-string', 'bad-escape'),
      ...named('verify/body-malformed-', 'truncated', 'word', 'trailing-comma', 'single-quotes'),
      ...named('verify/body-malformed-', 'trailing-garbage', 'unterminated-string', 'bare-key'),
      ...named('verify/body-', 'comment', 'nan', 'control-char-in-string'),
      ...named('refresh/body-', 'infinity-in-field', 'bad-escape'),
      'register/malformed',
    ],
    ours: always(400, { detail: 'JSON parse error - the body is not valid JSON' }),
  },
  {
    id: 'utf8-words',
    title: 'The words about a body that is not UTF-8 are ours',
    contract: '§2',
    why: 'The status and the beginning are the same.',
    cases: [
      'obtain/body-invalid-utf8',
      'verify/body-utf16-bytes-no-charset',
      ...named('refresh/body-', 'invalid-utf8', 'utf8-surrogate-bytes'),
    ],
    ours: always(400, { detail: 'JSON parse error - the body is not valid UTF-8' }),
  },
  {
    id: 'charset',
    title: 'Bodies are UTF-8; another `charset` is 415',
    contract: '§3.5',
    why: 'RFC 8259 allows no other encoding. Django decodes as the header says, and ignores an unknown charset.',
    cases: [
      'obtain/charset-utf-16le',
      'verify/charset-latin1',
      ...named('refresh/charset-', 'utf-16', 'utf-16le', 'unknown'),
    ],
    ours: unsupportedMediaType,
  },
  {
    id: 'multipart-boundary',
    title: 'A multipart body without its boundary is 400',
    contract: '§3.5',
    why: 'Django reads the whole body as the value of its first field. Other malformed multipart is refused as Django refuses it, in our own words.',
    cases: [
      ...named('obtain/multipart-', 'wrong-boundary'),
      ...named('verify/multipart-', 'wrong-boundary'),
      ...named('refresh/multipart-', 'wrong-boundary'),
    ],
    ours: always(400, { detail: 'Multipart form parse error - the body is malformed' }),
  },
  {
    id: 'body-limit',
    title: 'A body over 16 KiB is 413',
    contract: '§3.5, HP02',
    why: 'No request of this API is that long; SimpleJWT fails with a 500 on deeper nesting.',
    cases: ['obtain/body-deep-nesting-100k'],
    ours: always(413, { detail: 'The request body is larger than 16384 bytes.' }),
  },
  {
    id: 'chunked',
    title: 'Chunked bodies are read',
    contract: '§3.5',
    why: 'WSGI servers without support for them present an empty body to Django.',
    cases: ['verify/chunked'],
    ours: always(200, {}),
  },
  {
    id: 'repeated-header',
    title: 'A request with two `Content-Type` headers is 400',
    contract: 'Policy: HTTP',
    why: 'Two readers may choose different ones (RFC 9112 §11.2); Django takes the last.',
    cases: ['obtain/ct-twice'],
    ours: unrouted(400, 'Malformed request: more than one content-type header.'),
  },
];
