/** One HTTP/1.1 exchange, byte for byte: `fetch` and `node:http` tidy up what is to be sent odd. */
import { connect } from 'node:net';

export type Exchange = {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: Buffer])[];
  /** `undefined` = no body and no Content-Length. */
  readonly body: Buffer | undefined;
  readonly chunked: boolean;
};

export type RawAnswer = {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
};

const CRLF = '\r\n';
const DEADLINE_MS = 60_000;

export async function exchange(request: Exchange): Promise<RawAnswer> {
  return parse(await roundTrip(request.port, serialise(request)));
}

function serialise({ method, path, headers, body, chunked }: Exchange): Buffer {
  const lines: (string | Buffer)[] = [`${method} ${path} HTTP/1.1`, CRLF, 'Host: testserver', CRLF];
  for (const [name, value] of headers) lines.push(`${name}: `, value, CRLF);
  if (chunked) lines.push('Transfer-Encoding: chunked', CRLF);
  else if (body) lines.push(`Content-Length: ${body.length}`, CRLF);
  lines.push('Connection: close', CRLF, CRLF);
  if (body && chunked) lines.push(...chunks(body));
  else if (body) lines.push(body);
  return Buffer.concat(lines.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}

function* chunks(body: Buffer): Generator<string | Buffer> {
  const half = Math.ceil(body.length / 2);
  for (const part of [body.subarray(0, half), body.subarray(half)]) {
    if (part.length > 0) yield* [part.length.toString(16), CRLF, part, CRLF];
  }
  yield `0${CRLF}${CRLF}`;
}

function roundTrip(port: number, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(DEADLINE_MS, () => socket.destroy(new Error('no answer in time')));
    socket.on('data', (part: Buffer) => received.push(part));
    // A server that refuses a large body resets the connection after its answer.
    socket.on('error', (error) => (received.length > 0 ? undefined : reject(error)));
    socket.on('close', () => resolve(Buffer.concat(received)));
  });
}

function parse(bytes: Buffer): RawAnswer {
  const end = bytes.indexOf(CRLF + CRLF);
  const [statusLine = '', ...lines] = bytes.subarray(0, end).toString('latin1').split(CRLF);
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  const body = bytes.subarray(end + 4);
  return {
    status: Number(statusLine.split(' ')[1]),
    headers,
    text: (headers.get('transfer-encoding') === 'chunked' ? dechunk(body) : body).toString(),
  };
}

function dechunk(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = body.indexOf(CRLF, at);
    const size = Number.parseInt(body.toString('latin1', at, lineEnd), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(body.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
