/** A real SMTP server in this process, and the ways in which one can fail. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export type Received = {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
};

/** What the server does with the next messages; default `accept`. */
export type Mood = 'accept' | 'refuse' | 'hang_up' | 'accept_and_hang_up' | 'slow';

export type Smtp = Awaited<ReturnType<typeof startSmtp>>;

export async function startSmtp(t: TestContext, options: SMTPServerOptions = {}) {
  const received: Received[] = [];
  let mood: Mood = 'accept';
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onRcptTo({ address }, _session, done) {
      const isRefused = mood === 'refuse' || address.startsWith('refused@');
      done(isRefused ? Object.assign(new Error('No such user'), { responseCode: 550 }) : null);
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : '';
        const to = session.envelope.rcptTo.map(({ address }) => address);
        if (mood === 'hang_up') return drop();
        received.push({ from, to, raw: Buffer.concat(chunks) });
        if (mood === 'accept_and_hang_up') return drop();
        if (mood === 'slow') return setTimeout(() => done(null), 100);
        done(null);
      });
      const drop = () => {
        for (const connection of connections) connection.destroy();
      };
    },
    ...options,
  });
  const connections = new Set<import('node:net').Socket>();
  server.server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  t.after(() => {
    for (const connection of connections) connection.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    received,
    set mood(next: Mood) {
      mood = next;
    },
  };
}
