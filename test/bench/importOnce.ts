import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { runImport } from '../../src/main/datasets/import/runImport.ts';

/** Imports the files of its arguments once and tells its parent what it took. */
const [parent = '', ...paths] = process.argv.slice(2);
const tempDir = path.join(parent, 'import');
mkdirSync(tempDir);
const startMs = performance.now();
const startCpu = process.cpuUsage();
await runImport(
  { kind: 'import', choices: { paths }, tempDir, id: 'id', name: 'name' },
  performance.now.bind(performance),
  () => {},
);
const { user, system } = process.cpuUsage(startCpu);
process.send?.({
  wallSeconds: (performance.now() - startMs) / 1_000,
  cpuSeconds: (user + system) / 1e6,
  peakMiB: process.resourceUsage().maxRSS / 1_024,
});
rmSync(tempDir, { recursive: true, force: true });
process.disconnect?.();
