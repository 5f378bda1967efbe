import { defineConfig } from 'vite';

const { GATEPASS_URL = 'http://127.0.0.1:8000', PORT = '5173' } = process.env;
/** One origin for the page and Gatepass: in production, your reverse proxy. */
const server = { host: 'localhost', port: Number(PORT), proxy: { '/api': GATEPASS_URL } };

export default defineConfig({
  server,
  preview: server,
  // The client comes from this repository, and its React must be this one.
  resolve: { dedupe: ['react'] },
});
