/** A service with a real mail server, and readers of its mails. */
import type { TestContext } from 'node:test';
import { simpleParser } from 'mailparser';
import { startSmtp } from '../../mail/support/smtp.ts';
import { startService } from '../../support/service.ts';

export const NEW_PASSWORD = 'granite otter parade 41';
const WAIT_MS = 60_000;

export type Mail = {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly uid: string;
  readonly token: string;
  readonly link: string;
  readonly code: string;
};

/** @param options.isDown no server listens at first at `smtpPort` */
export async function startMailed(
  t: TestContext,
  variables: Record<string, string> = {},
  { isDown = false, ...observers }: { isDown?: boolean } & Parameters<typeof startService>[2] = {},
) {
  const stops: (() => unknown)[] = [];
  const smtp = await startSmtp(isDown ? { after: (stop) => stops.push(stop) } : t);
  for (const stop of stops) await stop();
  const service = await startService(
    t,
    {
      GATEPASS_SMTP_URL: smtp.url,
      GATEPASS_PUBLIC_URL: 'https://id.example.com',
      GATEPASS_MAIL_FROM: 'Example <no-reply@example.com>',
      GATEPASS_MAIL_NOTICES: 'email_changed',
      ...variables,
    },
    observers,
  );
  let read = 0;

  /** The next unread mail. */
  async function nextMail(): Promise<Mail> {
    const deadline = Date.now() + WAIT_MS;
    while (smtp.received.length <= read) {
      if (Date.now() > deadline) throw new Error('no mail arrived');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const mail = smtp.received[read++];
    const parsed = await simpleParser(mail?.raw ?? Buffer.alloc(0));
    const text = parsed.text ?? '';
    const link = /https?:\/\/\S+/.exec(text)?.[0] ?? '';
    const values = new URLSearchParams(link.split('#')[1] ?? '');
    return {
      to: mail?.to.join() ?? '',
      subject: parsed.subject ?? '',
      text,
      html: String(parsed.html),
      uid: values.get('uid') ?? '',
      token: values.get('token') ?? '',
      link,
      code: /^\s+(\d{8})$/m.exec(text)?.[1] ?? '',
    };
  }

  const post = (path: string, body: unknown, headers?: Record<string, string>) =>
    service.post(`/api/users/${path}`, body, headers);

  return {
    ...service,
    smtp,
    smtpPort: smtp.port,
    nextMail,
    askReset: (email = 'alice@example.com') => post('reset_password', { email }),
    reset: (body: object) => post('reset_password_confirm', body),
    activate: (body: object) => post('activation', body),
    resend: (email = 'alice@example.com') => post('resend_activation', { email }),
    setEmail: (access: string, body: object) =>
      post('set_email', body, { authorization: `Bearer ${access}` }),
    confirmEmail: (body: object) => post('set_email_confirm', body),
    undoEmail: (body: object) => post('set_email_undo', body),
  };
}

export const linkOf = ({ uid, token }: Mail) => ({ uid, token });
