import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const project = path.resolve(import.meta.dirname, '..');

export default defineConfig({
  root: path.join(project, 'src/renderer'),
  // Relative addresses: the page is served by the app's own scheme.
  base: './',
  plugins: [react()],
  build: {
    // Chromium 114 is the stand-in Electron's.
    target: 'chrome114',
    outDir: path.join(project, '.vite/renderer/main_window'),
    emptyOutDir: true,
    // The content security policy refuses data: scripts, and fonts and icons are better cached as files.
    assetsInlineLimit: 0,
    // The polyfill is an inline script, which the policy refuses; Chromium 114 needs none.
    modulePreload: { polyfill: false },
    // All of the first page in one file: each further one would wait for a turn of main, which is busy at a start.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first-page', tags: ['$initial'] }] } } },
    // One bundle from a local disk: a warning about its size helps nobody.
    chunkSizeWarningLimit: 4096,
  },
});
