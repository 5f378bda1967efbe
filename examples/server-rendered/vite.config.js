import { reactRouter } from '@react-router/dev/vite';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [reactRouter()],
  // The client comes from this repository, and its React must be this one.
  resolve: { dedupe: ['react'] },
  ssr: { noExternal: ['@gatepass/client'] },
});
