/** Loaded with --import: workers end as if their database were away. */
import cluster from 'node:cluster';

if (cluster.isWorker) process.exit(5);
