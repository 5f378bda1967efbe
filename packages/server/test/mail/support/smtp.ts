/** A real SMTP server in this process, and the ways in which one can fail. */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export type Received = {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
};

/** What the server does with the next messages; default `accept`. */
export type Mood = 'accept' | 'refuse' | 'silent' | 'hang_up' | 'accept_and_hang_up' | 'slow';

export type Smtp = Awaited<ReturnType<typeof startSmtp>>;

type Options = SMTPServerOptions & {
  /** Default: any free port. */
  readonly port?: number;
  /** Called when a message has arrived, before its 250. */
  readonly onReceived?: (mail: Received) => void;
  /** Called right after its 250. */
  readonly onAccepted?: (mail: Received) => void;
};

/** @param t the test after which the server stops */
export async function startSmtp(
  t: { after(work: () => unknown): void },
  { port: wanted = 0, onReceived, onAccepted, ...options }: Options = {},
) {
  const received: Received[] = [];
  const commands: string[] = [];
  let mood: Mood = 'accept';
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onRcptTo({ address }, _session, done) {
      if (mood === 'silent') return;
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
        const mail = { from, to, raw: Buffer.concat(chunks) };
        received.push(mail);
        onReceived?.(mail);
        if (mood === 'accept_and_hang_up') return drop();
        const accept = () => {
          done(null);
          onAccepted?.(mail);
        };
        if (mood === 'slow') setTimeout(accept, 100);
        else accept();
      });
    },
    ...options,
  });
  const connections = new Set<Socket>();
  const drop = () => {
    for (const connection of connections) connection.destroy();
  };
  server.server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.on('data', (chunk) => {
      const lines = String(chunk).split('\r\n');
      commands.push(...lines.filter((line) => /^(?:MAIL|RCPT|AUTH) /i.test(line)));
    });
    socket.once('close', () => connections.delete(socket));
  });
  server.on('error', () => {});
  server.listen(wanted, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  t.after(() => {
    drop();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    received,
    /** The commands of envelopes, as received. */
    commands,
    /** Ends all connections. */
    drop,
    set mood(next: Mood) {
      mood = next;
    },
  };
}
