import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { StuckFiles } from './stuckFiles.ts';

/** Files that start real processes share two cores badly, so they run after the pure ones and one at a time. */
export default defineConfig({
  test: {
    env: {
      // examining the devices takes seconds, which every fresh data folder would cost
      LP_WORKBENCH_DEVICE: 'wasm',
      // the hundreds of programs that tests start strip the types of their sources once
      NODE_COMPILE_CACHE: path.resolve('node_modules/.cache/lp-workbench'),
    },
    // with the variable set this is the process of a graphics device, started and ended by graphics.test.ts
    include: ['test/**/*.test.ts', ...(process.env['LP_WORKBENCH_TEST_DEVICE'] ? ['test/**/*.graphics.ts'] : [])],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // longer than a busy machine takes to answer a click
    expect: { poll: { timeout: 15_000 } },
    // where a whole part does not work, a browser say, each of its tests would wait for its time to end
    bail: 10,
    reporters: ['default', new StuckFiles()],
  },
});
