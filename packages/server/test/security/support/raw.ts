/** Bytes as an attacker sends them: a socket, no HTTP client in between. */
import { connect, type Socket } from 'node:net';

export type Reply = {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
};

const CRLF = '\r\n';
// Only a hang takes so long.
const DEADLINE_MS = 60_000;

/** Every reply of a connection, until the server closes it. Interim (1xx) replies are kept. */
export async function converse(port: number, bytes: string | Buffer): Promise<Reply[]> {
  return parseReplies(await collect(port, (socket) => socket.write(latin1(bytes))));
}

/** As `converse`, for one reply: a second one, or none, is an error. */
export async function single(port: number, bytes: string | Buffer): Promise<Reply> {
  const replies = await converse(port, bytes);
  const [reply] = replies;
  if (!reply || replies.length > 1)
    throw new Error(`${replies.length} replies: ${replies.map(({ status }) => status)}`);
  return reply;
}

/** What the server sends from the moment of connection to its end. */
export function collect(port: number, onConnect: (socket: Socket) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => onConnect(socket));
    const deadline = setTimeout(() => {
      socket.destroy();
      reject(new Error(`still open after ${DEADLINE_MS} ms: ${Buffer.concat(received)}`));
    }, DEADLINE_MS);
    socket.on('data', (part: Buffer) => received.push(part));
    // A server that has refused resets what is still being sent to it.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(deadline);
      resolve(Buffer.concat(received));
    });
  });
}

/** A request by its lines, with a Host; `body` adds its Content-Length. */
export function request(line: string, headers: readonly string[] = [], body?: string): string {
  const length = body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  const lines = [`${line} HTTP/1.1`, 'Host: gatepass.test', ...headers, ...length];
  return lines.join(CRLF) + CRLF + CRLF + (body ?? '');
}

/** Last on a connection that the server would keep open. */
export const LAST = request('GET /healthz', ['Connection: close']);

export const latin1 = (bytes: string | Buffer): Buffer =>
  typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;

export function parseReplies(bytes: Buffer): Reply[] {
  const replies: Reply[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(CRLF + CRLF, at);
    const [statusLine = '', ...lines] = bytes.toString('latin1', at, end).split(CRLF);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
    if (end < 0 || !status) throw new Error(`not a reply: ${bytes.toString('latin1', at)}`);
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
      }),
    );
    const length = Number(headers.get('content-length') ?? 0);
    at = end + 4 + length;
    if (at > bytes.length) throw new Error('a reply is cut short');
    replies.push({ status, headers, text: bytes.toString('utf8', end + 4, at) });
  }
  return replies;
}
