/**
 * Findings about an installation: what `gatepass doctor` prints, and what the admin API shows of
 * a service that runs. Owns the findings that need no second connection to the database; those of
 * the database and its keys are the command's. Imported by admin/ and the CLI.
 */
export type Finding = {
  readonly check: string;
  readonly level: 'ok' | 'warning' | 'fault';
  readonly message: string;
};
