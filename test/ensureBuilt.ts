import { cpSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
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

/** Does the work once unless it is done or another process does it. It is not asked again whether it helped. */
async function whileLocked(isDone: () => boolean, work: () => Promise<void> | void): Promise<void> {
  while (!isDone()) {
    if (!tryLock()) {
      await new Promise((resolve) => void setTimeout(resolve, 200));
      continue;
    }
    try {
      if (!isDone()) await work();
      return;
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
}

/** Builds the window's program and the pages if they are older than their sources. Test files run side by side; one builds. */
export async function ensureBuilt(): Promise<void> {
  await whileLocked(
    () => isBuildCurrent(projectDir),
    () => build(projectDir, { ...processHost(), err: () => {} }),
  );
}

/** The folder that an Electron program opens as the workbench: this project, or a copy of it staged for an older runtime. */
export const appFolder = process.env['LP_WORKBENCH_ELECTRON_APP'] ?? projectDir;

/** Makes sure that the folder an Electron program opens holds the workbench as it is now. */
export async function ensureAppBuilt(): Promise<void> {
  await ensureBuilt();
  if (appFolder === projectDir) return;
  const madeMs = (folder: string): number =>
    statSync(join(folder, 'out/renderer/index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  await whileLocked(
    // a copy keeps the time without its last digits
    () => Math.abs(madeMs(appFolder) - madeMs(projectDir)) < 2,
    () => {
      const copy = (name: string, to: string): void =>
        cpSync(join(projectDir, name), join(appFolder, to), { recursive: true, preserveTimestamps: true });
      copy('resources', 'resources');
      // whole at once, for others look whether it is there
      rmSync(join(appFolder, 'out.new'), { recursive: true, force: true });
      copy('out', 'out.new');
      rmSync(join(appFolder, 'out'), { recursive: true, force: true });
      renameSync(join(appFolder, 'out.new'), join(appFolder, 'out'));
    },
  );
}
