import type { Finding } from './finding.ts';

type Stored = { readonly stored: number; readonly inClear: number };

/** None if no key is stored. */
export function keyFinding({ stored, inClear }: Stored): Finding[] {
  if (stored === 0) return [];
  const message =
    inClear === 0
      ? `${stored}, sealed`
      : `${inClear} of ${stored} in clear: every reader of the database can sign tokens. GATEPASS_MASTER_KEY seals them at the next start`;
  return [{ check: 'stored keys', level: inClear === 0 ? 'ok' : 'warning', message }];
}

/** On the secrets of authenticator apps; none if there are none. */
export function factorFinding({ stored, inClear }: Stored): Finding[] {
  if (stored === 0) return [];
  const message =
    inClear === 0
      ? `${stored}, sealed`
      : `${inClear} of ${stored} in clear: every reader of the database can compute codes. GATEPASS_MASTER_KEY seals them at the next start`;
  const level = inClear === 0 ? 'ok' : 'warning';
  return [{ check: 'secrets of authenticator apps', level, message }];
}
