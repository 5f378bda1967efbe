/** The service ended because of an error that nothing caught; the log has it. */
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
  /** Of the last one; what the service exits with. */
  readonly exitCode: number;

  constructor(exitCode: number | null) {
    super('The workers die as soon as they start; the lines before this one say why.');
    // A worker that was killed has none.
    this.exitCode = exitCode || 1;
  }
}
