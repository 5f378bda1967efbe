/** A message if the SQLite of this Node.js can damage a database; else `undefined`. */
export function sqliteFault(version = process.versions['sqlite'] ?? ''): string | undefined {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  // 3.51.3: the "WAL reset" fault of 3.7.0 to 3.51.2 is fixed.
  const isSound = major > 3 || (major === 3 && (minor > 51 || (minor === 51 && patch >= 3)));
  if (isSound) return undefined;
  return `SQLite ${version} of Node.js ${process.version} can damage a database that several processes write (fixed in 3.51.3); use a newer Node.js`;
}
