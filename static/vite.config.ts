import { defineConfig } from 'vite';

// `npm run dev` serves the source and passes every call of the API on to a running server.
const server = process.env['COUNTERSIGN_URL'] ?? 'http://127.0.0.1:8000';
const api = ['/messages', '/conflicts', '/rejections', '/sources', '/stats', '/session', '/webhook', '/health', '/metrics', '/docs', '/openapi.json'];

export default defineConfig({
  base: '/ui/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The oldest browsers with `light-dark()` and `AbortSignal.any()`.
    target: ['chrome123', 'edge123', 'firefox124', 'safari17.5'],
    // One script, one style sheet: nothing to preload, and no polyfill that a strict CSP would have to allow.
    modulePreload: false,
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  server: {
    proxy: Object.fromEntries([...api, '^/$'].map((path) => [path, server])),
  },
});
