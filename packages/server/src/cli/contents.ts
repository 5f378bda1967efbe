/**
 * The contents of all commands, in one module: with one chunk for each, the bundle would have
 * eighty files.
 */
import type { Command } from 'commander';
import { fillAdmin } from './admin.ts';
import { fillApiKey } from './api-key.ts';
import { fillAudit } from './audit.ts';
import type { Context } from './context.ts';
import { fillDb } from './db.ts';
import { fillDoctor } from './doctor.ts';
import { fillEvents } from './events.ts';
import { fillExport } from './export.ts';
import { fillImport } from './import.ts';
import { fillKey } from './key.ts';
import { fillMail } from './mail.ts';
import { fillServe } from './serve.ts';
import { fillSession } from './session.ts';
import { fillUser } from './user.ts';

export { createContext } from './context.ts';

/** Adds to a command its options, its help and what it does. */
type Fill = (command: Command, context: Context) => void;

export const CONTENTS = {
  admin: fillAdmin,
  'api-key': fillApiKey,
  audit: fillAudit,
  db: fillDb,
  doctor: fillDoctor,
  events: fillEvents,
  export: fillExport,
  import: fillImport,
  key: fillKey,
  mail: fillMail,
  serve: fillServe,
  session: fillSession,
  user: fillUser,
} as const satisfies Record<string, Fill>;
