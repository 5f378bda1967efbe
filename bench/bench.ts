/** The input of every scenario. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './machine.ts';
import type { Options } from './options.ts';
import type { ServerProcess } from './server-process.ts';
import type { Target } from './targets/target.ts';

export type Bench = {
  readonly options: Options;
  readonly machine: Machine;
  /** The requested targets that can run here. */
  readonly targets: readonly Target[];
  progress(line: string): void;
};

/** A directory of its own for one server, kept between its starts. */
export function directoryFor(machine: Machine, ...names: string[]): string {
  const directory = join(machine.directory, ...names);
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** Runs `use` with servers that are ended in any case. */
export async function withServers<T>(
  start: (keep: <S extends ServerProcess>(server: S) => S) => Promise<T>,
): Promise<T> {
  const servers: ServerProcess[] = [];
  try {
    return await start((server) => {
      servers.push(server);
      return server;
    });
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}
