/** TLS to a PostgreSQL as its URL asks for it. */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { PostgresAddress } from '../../config/database-url.ts';
import { DatabaseOpenError } from '../faults.ts';

/** @throws {DatabaseOpenError} when a certificate cannot be read */
export function tlsOptions(address: PostgresAddress): ConnectionOptions | false {
  const { tls, rootCertificate, clientCertificate, clientKey, clientKeyPassword } = address;
  if (tls === 'disable') return false;
  // As in libpq: `require` encrypts without verifying the server, unless a root certificate is given.
  const isBlind = tls === 'require' && rootCertificate === undefined;
  return {
    ...(isBlind && { rejectUnauthorized: false }),
    ...(rootCertificate !== undefined && { ca: authorities(rootCertificate) }),
    ...(clientCertificate !== undefined && { cert: readFile('sslcert', clientCertificate) }),
    ...(clientKey !== undefined && { key: readFile('sslkey', clientKey) }),
    ...(clientKeyPassword !== undefined && { passphrase: clientKeyPassword }),
    ...(tls !== 'verify-full' && { checkServerIdentity: () => undefined }),
    ...(address.host !== undefined && { host: address.host }),
  };
}

const authorities = (rootCertificate: string): string | string[] =>
  rootCertificate === 'system'
    ? // Loaded when it is asked for: 5 ms of each start.
      process.getBuiltinModule('node:tls').getCACertificates('system')
    : readFile('sslrootcert', rootCertificate);

function readFile(parameter: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new DatabaseOpenError(`${parameter}: ${error instanceof Error ? error.message : path}`);
  }
}
