import { resolve } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';

const from = (path: string): string => resolve(import.meta.dirname, path);

/**
 * Three programs from one tree. The worker, the import of datasets and the examination of devices are entries of their own, because they run in processes
 * of their own; packages with native or wasm files stay outside the bundles and are found in node_modules.
 */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      rollupOptions: {
        input: {
          index: from('src/main/electron/main.ts'),
          worker: from('src/worker/host/main.ts'),
          probe: from('src/worker/host/probe.ts'),
          import: from('src/main/datasets/import/importProgram.ts'),
          modelTask: from('src/worker/host/modelTask.ts'),
          decode: from('src/main/datasets/import/images/decodeThread.ts'),
          loader: from('src/worker/data/loaderThread.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        input: { index: from('src/main/electron/preload.ts') },
        // a sandboxed preload script must be CommonJS
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: from('src/renderer'),
    plugins: [vue()],
    build: { outDir: from('out/renderer'), rollupOptions: { input: from('src/renderer/index.html') } },
  },
});
