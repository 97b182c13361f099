/**
 * One import in a process of its own, so that its memory can be told: node importProcess.ts CHOICES TEMP. Prints seconds,
 * peak memory in bytes and the dataset as JSON.
 */
import { runImport } from '../../src/main/datasets/import/runImport.ts';

const [choices = '{}', tempDir = ''] = process.argv.slice(2);
const start = performance.now();
const request = { kind: 'import', choices: JSON.parse(choices) as never, tempDir, id: 'bench', name: 'bench' } as const;
const reply = await runImport(
  request,
  () => performance.now(),
  () => {},
);
if (reply.kind !== 'imported') throw new Error(reply.kind);
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
console.log(
  JSON.stringify({
    seconds: (performance.now() - start) / 1_000,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peakBytes: maxRSS * 1_024,
    dir: reply.dir,
    hash: reply.meta.hash,
    rows: reply.meta.rows,
  }),
);
