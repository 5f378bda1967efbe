/** Loaded with --import: what workers do instead of starting, by the variable PLANTED. */
import cluster from 'node:cluster';

const { PLANTED } = process.env;

if (cluster.isWorker) {
  // As if their database were away.
  if (PLANTED === 'exit') process.exit(5);
  if (PLANTED === 'kill first' && cluster.worker?.id === 1) process.kill(process.pid, 'SIGKILL');
  if (PLANTED === 'hang') {
    setInterval(() => {}, 60_000);
    await new Promise(() => {});
  }
}
