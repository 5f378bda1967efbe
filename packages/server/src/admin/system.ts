/** First facts for troubleshooting: the service, its settings and this very request. */
import { lastBackup } from '../backup/last-backup.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { createNetworks, readAddress } from '../config/network-address.ts';
import type { Database, Maintenance } from '../database/database.ts';
import { cookieFindings } from '../doctor/cookie-findings.ts';
import type { Finding } from '../doctor/finding.ts';
import { factorFinding, keyFinding } from '../doctor/key-finding.ts';
import { mailFindings } from '../doctor/mail-findings.ts';
import { passkeyFindings } from '../doctor/passkey-finding.ts';
import { runtimeFinding, settingsFindings } from '../doctor/settings-findings.ts';
import { type Action, action } from '../http/action.ts';
import type { RingChanges } from '../keys/ring-changes.ts';
import { countPasskeys, countSecrets } from '../mfa/feature.ts';
import { VERSION } from '../version.ts';
import type { Administrator } from './guard.ts';
import { SYSTEM } from './system-schema.ts';
import { time, timeOrNull } from './view.ts';

/** The mail server is among the findings, and may respond slowly. */
const KEPT_MS = 10_000;

type Uses = {
  readonly config: Config;
  readonly database: Database & Pick<Maintenance, 'description' | 'warnings'>;
  readonly ringChanges: Pick<RingChanges, 'open'>;
  readonly clock: Clock;
};

/** `GET /api/admin/system` */
export function showSystem({ config, database, ringChanges, clock }: Uses): Action<Administrator> {
  const startedAt = clock.now();
  const isTrusted = createNetworks(config.trustedProxies);
  const find = kept(clock, async (): Promise<Finding[]> => {
    const warnings = await database.warnings();
    return [
      runtimeFinding(),
      ...settingsFindings(config),
      ...warnings.map((message): Finding => ({ check: 'database', level: 'warning', message })),
      ...keyFinding(await ringChanges.open()),
      ...factorFinding(await countSecrets(database)),
      ...passkeyFindings(config, await countPasskeys(database)),
      ...(await mailFindings(config)),
      ...(await cookieFindings(config)),
    ];
  });
  return action({
    operationId: 'adminShowSystem',
    summary: 'The service, its settings, and what a proxy says of this request',
    response: SYSTEM,
    async handle({ request }) {
      const { peer, host, forwarded } = request.transit();
      return {
        version: VERSION,
        runtime: `Node.js ${process.version}`,
        started_at: time(startedAt),
        now: time(clock.now()),
        database: database.description,
        last_backup_at: timeOrNull(await lastBackup(database)),
        request: {
          address: request.device().address,
          peer,
          is_peer_trusted: isTrusted(readAddress(peer) ?? ''),
          host,
          forwarded: { ...forwarded },
        },
        rate_limits: config.rateLimits,
        limits: Object.entries(config.limits).map(([name, { quota, windowMs }]) => ({
          name,
          quota,
          window_seconds: windowMs / 1000,
        })),
        findings: await find(),
      };
    },
  });
}

/** Requests that arrive meanwhile share the result. */
function kept<T>(clock: Clock, make: () => Promise<T>): () => Promise<T> {
  let made: { readonly until: number; readonly value: Promise<T> } | undefined;
  return () => {
    if (!made || clock.now() >= made.until) {
      const value = make();
      made = { until: clock.now() + KEPT_MS, value };
      value.catch(() => {
        made = undefined;
      });
    }
    return made.value;
  };
}
