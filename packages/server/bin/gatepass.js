#!/usr/bin/env node
// Plain JavaScript, so that an old Node.js gets this sentence instead of a syntax error.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `Gatepass needs Node.js 24 or newer; this is ${process.versions.node}. ` +
      'In a clone, "npm ci" brings one along: use "npm start" or "npm run gatepass -- …".',
  );
  process.exit(1);
}
process.removeAllListeners('warning');
const { enableCompileCache } = await import('node:module');
enableCompileCache?.();
const { main } = await import('../src/main.ts');
process.exitCode = await main(process.argv);
