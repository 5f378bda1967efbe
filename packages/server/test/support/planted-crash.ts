/** Loaded with --import in front of a real server: signals stand for unforeseen defects. */
process.on('SIGUSR2', () => {
  setImmediate(() => {
    throw new Error('planted: thrown without a catch');
  });
});
process.on('SIGHUP', async () => {
  throw new Error('planted: rejected without an await');
});
