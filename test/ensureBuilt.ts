import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processHost } from '../src/main/cli/cliHost.ts';
import { build, isBuildCurrent } from '../src/main/cli/start/build.ts';

const projectDir = fileURLToPath(new URL('../', import.meta.url));
const lock = join(projectDir, 'node_modules', '.lp-workbench-build');
/** A build takes seconds; a lock this old was left by a process that was killed. */
const staleMs = 120_000;

function tryLock(): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const heldSinceMs = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - heldSinceMs > staleMs) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

/** Builds the window's program and the pages if they are older than their sources. Test files run side by side; one builds. */
export async function ensureBuilt(): Promise<void> {
  while (!isBuildCurrent(projectDir)) {
    if (!tryLock()) {
      await new Promise((resolve) => void setTimeout(resolve, 200));
      continue;
    }
    try {
      if (!isBuildCurrent(projectDir)) await build(projectDir, { ...processHost(), err: () => {} });
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
}
