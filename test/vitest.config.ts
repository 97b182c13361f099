import { defineConfig } from 'vitest/config';

/** Files that start real processes share two cores badly, so they run after the pure ones and one at a time. */
export default defineConfig({
  test: {
    // examining the devices takes seconds, which every fresh data folder would cost
    env: { LP_WORKBENCH_DEVICE: 'wasm' },
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default'],
  },
});
