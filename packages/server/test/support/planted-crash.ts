/** Loaded with --import in front of a real server: signals stand for defects nobody thought of. */
process.on('SIGUSR2', () => {
  setImmediate(() => {
    throw new Error('planted: thrown where nobody catches');
  });
});
process.on('SIGHUP', async () => {
  throw new Error('planted: rejected where nobody awaits');
});
