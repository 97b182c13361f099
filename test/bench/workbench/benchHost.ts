import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { RunsEvents } from '../../../src/core/contract/runs.ts';
import type { WorkbenchClient } from '../../../src/core/contract/workbench.ts';
import type { App } from '../../../src/main/app.ts';
import { openApp } from '../../../src/main/cli/openWorkbench.ts';
import { processHost } from '../../../src/main/cli/cliHost.ts';
import { rendererDir } from '../../../src/main/cli/places.ts';
import { startServer } from '../../../src/main/headless/server.ts';
import { dataDirLayout } from '../../../src/main/storage/dataDirLayout.ts';
import { liveRunId, liveRuns, lossAt, pointsOfLiveRun } from './storedRuns.ts';

export interface BenchHost {
  app: App;
  /** a link for a browser */
  link(): string;
  /** Lets the runs of `liveRunId` take so many steps a second, ten times a second each; the answer ends it. */
  goLive(stepsPerSecond: number): () => void;
  close(): Promise<void>;
}

const ticksPerSecond = 10;

/** The services and the server in this process, so that its event loop can be watched. */
export async function openBenchHost(dataDir: string): Promise<BenchHost> {
  const app = openApp({ ...processHost(), err: () => {} }, dataDir, { who: 'a benchmark' });
  const listeners = new Set<(commit: RunsEvents['metricsCommitted']) => void>();
  const subscribe: WorkbenchClient['on'] = (event, listener) => {
    const undo = app.subscribe(event, listener);
    const follow = listener as (payload: RunsEvents['metricsCommitted']) => void;
    if (event === 'metricsCommitted') listeners.add(follow);
    return () => {
      listeners.delete(follow);
      undo();
    };
  };
  const server = await startServer({
    services: app,
    subscribe,
    siteDir: fileURLToPath(rendererDir),
    transfersDir: dataDirLayout(dataDir).transfers,
    port: 0,
    randomToken: () => randomBytes(32).toString('base64url'),
    onRefused: (error) => console.log(`refused: ${error.message}`),
  });
  return {
    app,
    link: () => server.newLink(),
    goLive(stepsPerSecond) {
      let seq = 0;
      let step = pointsOfLiveRun;
      const perTick = Math.max(1, Math.round(stepsPerSecond / ticksPerSecond));
      const timer = setInterval(() => {
        const steps = Array.from({ length: perTick }, (_, i) => step + 1 + i);
        step += perTick;
        for (let i = 0; i < liveRuns; i++) {
          const series = {
            loss: { steps, values: steps.map((at) => lossAt(at, i)) },
            elapsedSeconds: { steps, values: steps.map((at) => at / 100) },
          };
          for (const listener of listeners) listener({ runId: liveRunId(i), firstSeq: seq, seq, step, series });
        }
        seq++;
      }, 1_000 / ticksPerSecond);
      return () => clearInterval(timer);
    },
    async close() {
      await server.close();
      await app.close();
    },
  };
}
