/** Findings on the mail settings: whether they reach a server, and what recipients would get. */
import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { isLoopback } from '../config/exposure.ts';
import type { MailUrl } from '../config/mail-url.ts';
import { createTransport } from '../mail/transport.ts';
import type { Finding } from './finding.ts';

const DEADLINES = { connectionMs: 5000, silenceMs: 5000 };

const finding = (level: Finding['level'], message: string): Finding => ({
  check: 'mail',
  level,
  message,
});

/** None without a mail server. */
export async function mailFindings(config: Config): Promise<Finding[]> {
  const { smtpUrl } = config;
  if (smtpUrl === 'off') return [];
  if (smtpUrl.kind === 'log')
    return [
      finding('warning', 'log: writes mails with live tokens to the log; for development only'),
    ];
  if (smtpUrl.kind === 'file') return [directoryFinding(smtpUrl.directory)];
  return [
    ...senderFindings(config),
    ...linkFindings(config.publicUrl),
    ...tlsFindings(smtpUrl),
    await serverFinding(smtpUrl),
  ];
}

function directoryFinding(directory: string): Finding {
  const path = resolve(directory);
  const place = existsSync(path) ? path : dirname(path);
  try {
    accessSync(place, constants.W_OK | constants.X_OK);
    return finding('ok', `mails are written into ${path}`);
  } catch {
    return finding('fault', `mails cannot be written into ${path}: create it or make it writable`);
  }
}

/** A receiving server looks up the sender's domain. */
function senderFindings({ mailFrom }: Config): Finding[] {
  const domain = mailFrom?.address.split('@')[1] ?? '';
  if (/^[^.]+$|\.(?:local|localhost|internal|test|invalid|example)$/i.test(domain))
    return [
      finding(
        'warning',
        `GATEPASS_MAIL_FROM has the domain ${domain}, which exists only in local networks: use a domain of yours with SPF and DKIM`,
      ),
    ];
  return [];
}

function linkFindings(publicUrl: string): Finding[] {
  const { protocol, hostname } = new URL(publicUrl);
  if (isLoopback(hostname.replace(/^\[|\]$/g, '')))
    return [
      finding(
        'warning',
        `GATEPASS_PUBLIC_URL=${publicUrl} leads readers of mails to their own machine`,
      ),
    ];
  if (protocol === 'http:')
    return [
      finding(
        'warning',
        `GATEPASS_PUBLIC_URL=${publicUrl} is not https: tokens of mailed links can be read on the way`,
      ),
    ];
  return [];
}

type Server = MailUrl & { readonly kind: 'smtp' };

const tlsFindings = ({ host, isSecure, requiresTls, user }: Server): Finding[] =>
  isSecure || requiresTls || isLoopback(host)
    ? []
    : [
        finding(
          'warning',
          `TLS to ${host} is optional: mails${user ? ' and the password' : ''} may travel in clear. Leave out ?starttls=optional`,
        ),
      ];

async function serverFinding(url: Server): Promise<Finding> {
  const { host, port, user } = url;
  const transport = await createTransport(url, () => {}, DEADLINES);
  try {
    await transport.verify();
    return finding('ok', `${host}:${port} responds${user ? ' and accepts the login' : ''}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\s+/g, ' ') : String(error);
    return finding('fault', `${host}:${port} cannot be used: ${reason}`);
  } finally {
    transport.close();
  }
}
