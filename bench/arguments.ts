/**
 * Reads the arguments of a measurement. Ends the process with 0 after printing `help` where that is
 * asked for, and with 2 when `read` does not understand them.
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
