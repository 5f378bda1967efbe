/**
 * `node:http` without its lazy exports. `import … from 'node:http'` reads every one of them, among
 * them a web client that this server never uses: 7 MiB and 25 ms of each start.
 */
export const { createServer, METHODS } = process.getBuiltinModule('node:http');
