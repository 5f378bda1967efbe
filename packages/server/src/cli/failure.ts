/** The message and the exit code of a command that fails. */
import { CommanderError } from 'commander';
import { BackupError } from '../backup/backup-error.ts';
import { ConfigError } from '../config/config.ts';
import { isDatabaseUnavailable } from '../database/faults.ts';
import { MigrationError } from '../database/migrations.ts';
import { Refusal } from '../errors.ts';
import { SourceError } from '../import/source.ts';
import { MasterKeyError } from '../keys/seal.ts';
import { say } from '../language.ts';
import { MetricsListenError } from '../metrics/listener.ts';
import { CrashError, StartError, WorkersError } from '../process/errors.ts';
import { ArrivalError } from '../users/arrivals.ts';

/** Documented in docs/cli.md; scripts depend on them. */
export const EXIT = {
  failed: 1,
  usage: 2,
  notFound: 3,
  refused: 4,
  database: 5,
  /** By Ctrl+C: 128 and the number of SIGINT, as a shell reports it. */
  interrupted: 130,
} as const;

/** A command that could not do what it was asked, for a reason worth one plain sentence. */
export class CliError extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

/**
 * A signal, at a prompt or during work.
 *
 * @param reason that of an abort; its `exitCode` names the signal (bin/gatepass.js). Without one it was Ctrl+C
 */
export function interrupted(reason?: unknown): CliError {
  const exitCode = reason instanceof Error && 'exitCode' in reason ? reason.exitCode : undefined;
  return new CliError(typeof exitCode === 'number' ? exitCode : EXIT.interrupted, 'Interrupted.');
}

/** Errors whose message is all there is to say. */
const PLAIN = [
  SourceError,
  ArrivalError,
  CliError,
  ConfigError,
  CrashError,
  StartError,
  WorkersError,
  MigrationError,
  MasterKeyError,
  MetricsListenError,
  BackupError,
  Refusal,
];

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  if (error instanceof CliError || error instanceof WorkersError) return error.exitCode;
  if (error instanceof ConfigError || error instanceof MasterKeyError) return EXIT.usage;
  if (error instanceof Refusal) return EXIT.refused;
  if (error instanceof BackupError) return BACKUP[error.kind];
  if (error instanceof MigrationError || isDatabaseUnavailable(error)) return EXIT.database;
  return EXIT.failed;
}

/** Whether the message tells a person everything, and no bug is behind the error. */
export const isPlain = (error: unknown): error is Error =>
  PLAIN.some((kind) => error instanceof kind);

export function explain(error: unknown): string {
  if (error instanceof Refusal) return say(error.kind, 'en', error.details.values);
  if (isPlain(error)) return error.message;
  if (isListenFault(error, 'EADDRINUSE'))
    return `Port ${error.port} is taken. Stop the program that listens there, or set GATEPASS_PORT to another port.`;
  if (isListenFault(error, 'EACCES') && error.port)
    return `Not allowed to listen on port ${error.port}. Ports below 1024 need privileges; set GATEPASS_PORT.`;
  if (isListenFault(error, 'EADDRNOTAVAIL') || isListenFault(error, 'ENOTFOUND'))
    return 'GATEPASS_HOST is not an address of this machine. Set it to one, such as 127.0.0.1.';
  if (isDatabaseUnavailable(error) && error instanceof Error)
    return `The database cannot be used: ${error.message}. Check GATEPASS_DATABASE_URL, that its server runs, or the file's directory, its permissions and free space.`;
  if (isFileFault(error)) return `${error.message}.`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const BACKUP = { refused: EXIT.refused, damaged: EXIT.failed, missing: EXIT.notFound } as const;

/** Such as a full disk or a missing directory: no stack is needed. A write to an open file names no path. */
const isFileFault = (error: unknown): error is Error =>
  error instanceof Error && 'syscall' in error && ('path' in error || isOfOpenFile(error));

const isOfOpenFile = ({ syscall }: { syscall: unknown }) =>
  ['read', 'write', 'fsync', 'ftruncate', 'fchmod', 'close'].includes(String(syscall));

type ListenFault = Error & { code: string; port?: number };

const isListenFault = (error: unknown, code: string): error is ListenFault =>
  error instanceof Error && 'code' in error && error.code === code;
