/** The experiments of docs/reliability.md. */
import { registrations } from './i1-registrations.ts';
import { endings } from './i2-ends.ts';
import { restored } from './i2b-restored.ts';
import { successors } from './i3-successors.ts';
import { failedCommits } from './i3b-failed-commits.ts';
import { oneAccount } from './i4-one-account.ts';
import { disabled } from './i5-disabled.ts';
import { databaseRestarts } from './i6-database-restarts.ts';
import { sigterm } from './i7-sigterm.ts';
import { keyRotation } from './i8-key-rotation.ts';
import { overload } from './i9-overload.ts';
import { oneNetwork } from './i9b-one-network.ts';
import { knownDevices } from './i9c-known-devices.ts';
import { copies, mail } from './i10-mail.ts';
import { rolledBackMail } from './i10c-rolled-back-mail.ts';
import { demotions } from './i11-demotions.ts';
import { codes } from './i12-codes.ts';
import { events } from './i13-events.ts';
import type { Experiment } from './support/experiment.ts';

export const experiments: readonly Experiment[] = [
  registrations,
  endings,
  restored,
  successors,
  failedCommits,
  oneAccount,
  disabled,
  databaseRestarts,
  sigterm,
  keyRotation,
  overload,
  oneNetwork,
  knownDevices,
  mail,
  copies,
  rolledBackMail,
  demotions,
  codes,
  events,
];
