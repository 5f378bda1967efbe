/**
 * Sends mail over SMTP, into files or to the log. Owns the connections to the mail server. Does not own
 * what is sent or when it is retried (outbox/). Imported by services.ts and the CLI.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MailUrl } from '../config/mail-url.ts';
import type { Message } from './message.ts';

export type Transport = {
  /** Resolves when the server has accepted the message. */
  send(message: Message): Promise<void>;
  /** Rejects when the server cannot be reached or refuses the credentials. */
  verify(): Promise<void>;
  close(): void;
};

const CONNECTIONS = 10;
const DEADLINES = { connectionMs: 10_000, silenceMs: 30_000 };
// Servers close idle connections after some minutes. The pool closes them earlier, so that no mail fails.
const IDLE_MS = 10_000;

/** @param print receives the mails of `log:`; they contain live tokens, so it is for development only */
export async function createTransport(
  url: MailUrl,
  print: (text: string) => void,
  deadlines = DEADLINES,
): Promise<Transport> {
  if (url.kind === 'log') return logTransport(print);
  if (url.kind === 'file') return fileTransport(url.directory);
  return smtpTransport(url, deadlines);
}

async function smtpTransport(
  url: MailUrl & { kind: 'smtp' },
  { connectionMs, silenceMs }: typeof DEADLINES,
): Promise<Transport> {
  // Loaded only if mail is set up: a service without mail starts without it.
  const { createTransport: createPool } = await import('nodemailer');
  const pool = createPool({
    pool: true,
    host: url.host,
    port: url.port,
    secure: url.isSecure,
    requireTLS: url.requiresTls,
    ...(url.user !== undefined && { auth: { user: url.user, pass: url.password ?? '' } }),
    maxConnections: CONNECTIONS,
    connectionTimeout: connectionMs,
    greetingTimeout: connectionMs,
    socketTimeout: silenceMs,
    idleTimeout: IDLE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    // The outbox retries a message whose connection broke, because it counts the attempts.
    maxRequeues: 0,
  });
  return {
    async send({ from, to, raw }) {
      // An explicit envelope with exactly one recipient: none is taken from the header fields.
      await pool.sendMail({ envelope: { from, to: [to] }, raw });
    },
    async verify() {
      await pool.verify();
    },
    close: () => pool.close(),
  };
}

/** One `.eml` file per mail, named by its Message-ID, so that a repeat replaces the first. */
function fileTransport(directory: string): Transport {
  const prepare = () => mkdir(directory, { recursive: true, mode: 0o700 });
  return {
    async send({ id, raw }) {
      await prepare();
      const path = join(directory, `${id}.eml`);
      await writeFile(`${path}.partial`, raw, { mode: 0o600 });
      await rename(`${path}.partial`, path);
    },
    async verify() {
      await prepare();
    },
    close() {},
  };
}

const logTransport = (print: (text: string) => void): Transport => ({
  async send({ to, text }) {
    print(`mail to ${to}\n\n${text}`);
  },
  verify: async () => {},
  close() {},
});
