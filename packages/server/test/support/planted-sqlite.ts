/** Loaded with --import: a Node.js that brings an old SQLite. */
Object.defineProperty(process, 'versions', {
  value: { ...process.versions, sqlite: '3.51.2' },
});
