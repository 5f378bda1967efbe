/**
 * Findings about an installation, printed by `gatepass doctor` and shown by the admin API of a
 * running service. Owns the findings that need no second connection to the database; the command
 * adds those of the database and its keys. Imported by admin/ and the CLI.
 */
export type Finding = {
  readonly check: string;
  readonly level: 'ok' | 'warning' | 'fault';
  readonly message: string;
};
