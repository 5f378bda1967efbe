/** A feature's parts beside its services; the composition root collects them without knowing the feature. */
import type { Tx } from './database/database.ts';
import type { Purge } from './database/janitor.ts';

export type BackgroundTask = {
  start(): void | Promise<void>;
  stop(): void | Promise<void>;
};

export type Part = {
  readonly background?: readonly BackgroundTask[];
  /** By name, for `/readyz`; each rejects when its part of the service cannot do its work. */
  readonly probes?: Readonly<Record<string, () => Promise<void>>>;
  /** For the janitor. */
  readonly purges?: readonly Purge[];
  /** In the transaction of a restore: ends what must not be valid again, and mails nothing twice. */
  readonly onRestore?: (tx: Tx) => Promise<void>;
};
