/** The service ended because of an uncaught error, which the log has. */
export class CrashError extends Error {
  override name = 'CrashError';

  constructor() {
    super('Stopped by an uncaught error; the log has it.');
  }
}

/** The service cannot start as it is configured; `message` says why. */
export class StartError extends Error {
  override name = 'StartError';
}

/** Workers die as soon as they start. */
export class WorkersError extends Error {
  override name = 'WorkersError';
  /** The exit code of the last worker, which becomes that of the service. */
  readonly exitCode: number;

  constructor(exitCode: number | null) {
    super('The workers die as soon as they start; the lines before this one say why.');
    // A killed worker has no exit code.
    this.exitCode = exitCode || 1;
  }
}
