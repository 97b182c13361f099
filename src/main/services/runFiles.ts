import { cp, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

export interface FoundCheckpoint {
  /** folder name in the run's checkpoint folder */
  name: string;
  step: number;
  isBest: boolean;
  bytes: number;
  /** when it was written, by the clock of the file system */
  writtenAtMs: number;
}

/** The files of runs: `<runsDir>/<runId>/checkpoints/<name>`. */
export interface RunFiles {
  checkpointDir(runId: string): string;
  /** a checkpoint's absolute path from its name, and back */
  checkpointPath(runId: string, name: string): string;
  checkpointName(runId: string, absolute: string): string;
  /** whole checkpoints on disk, newest step first */
  findCheckpoints(runId: string): Promise<FoundCheckpoint[]>;
  /** Copies a checkpoint of one run to another; a copy is whole or not there. */
  copyCheckpoint(fromRunId: string, name: string, toRunId: string): Promise<void>;
  /** Removes a checkpoint and says so, unless it is gone or was written anew since it was found. */
  removeCheckpoint(runId: string, found: FoundCheckpoint): Promise<boolean>;
  /** Removes everything of a run. */
  remove(runId: string): Promise<void>;
}

/** state.json is written last and names the other files; a folder that lost one while being removed is not whole. */
const stateSchema = z.object({ sha256: z.record(z.string(), z.string()) });

async function factsIfWhole(folder: string): Promise<{ bytes: number; writtenAtMs: number } | null> {
  try {
    const state = stateSchema.parse(JSON.parse(await readFile(path.join(folder, 'state.json'), 'utf8')));
    const files = ['state.json', ...Object.keys(state.sha256)];
    const stats = await Promise.all(files.map((file) => stat(path.join(folder, file))));
    return { bytes: stats.reduce((sum, { size }) => sum + size, 0), writtenAtMs: stats[0]!.mtimeMs };
  } catch {
    return null;
  }
}

export function createRunFiles(runsDir: string): RunFiles {
  const checkpointDir = (runId: string): string => path.join(runsDir, runId, 'checkpoints');
  return {
    checkpointDir,
    checkpointPath: (runId, name) => path.resolve(checkpointDir(runId), name),
    checkpointName: (runId, absolute) => path.relative(checkpointDir(runId), absolute),
    async findCheckpoints(runId) {
      const dir = checkpointDir(runId);
      const names = await readdir(dir).catch(() => []);
      const found: FoundCheckpoint[] = [];
      for (const name of names) {
        const match = /^(step|best)-(\d+)$/.exec(name);
        const facts = match && (await factsIfWhole(path.join(dir, name)));
        if (match && facts) found.push({ name, step: Number(match[2]), isBest: match[1] === 'best', ...facts });
      }
      return found.toSorted((a, b) => b.step - a.step || Number(a.isBest) - Number(b.isBest));
    },
    async copyCheckpoint(fromRunId, name, toRunId) {
      const target = path.join(checkpointDir(toRunId), name);
      const temporary = `${target}.tmp`;
      await mkdir(checkpointDir(toRunId), { recursive: true });
      try {
        await cp(path.join(checkpointDir(fromRunId), name), temporary, { recursive: true });
        await rename(temporary, target);
      } catch (error) {
        await rm(temporary, { recursive: true, force: true });
        throw error;
      }
    },
    async removeCheckpoint(runId, { name, writtenAtMs }) {
      const folder = path.join(checkpointDir(runId), name);
      if ((await factsIfWhole(folder))?.writtenAtMs !== writtenAtMs) return false;
      const temporary = `${folder}.tmp`;
      await rename(folder, temporary);
      await rm(temporary, { recursive: true, force: true });
      return true;
    },
    remove: (runId) => rm(path.join(runsDir, runId), { recursive: true, force: true }),
  };
}
