/**
 * Reads the arguments of a measurement. `--help` prints `help` and ends the process with 0; arguments
 * that `read` does not understand end it with 2.
 */
export function readArguments<T>(help: string, read: () => T): T {
  const asked = process.argv.slice(2);
  if (asked.includes('--help') || asked.includes('-h')) {
    process.stdout.write(help);
    process.exit(0);
  }
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\nSee --help.\n`);
    process.exit(2);
  }
}
