import fs from 'node:fs';
import path from 'node:path';
import type { RunConfig } from '../../core/contract/runConfig.ts';
import type { CheckpointInfo, WorkerMessage } from '../../core/contract/workerMessages.ts';
import { writeCheckpoint, type CheckpointContent } from './checkpoint.ts';

export interface CheckpointKeeper {
  /** Writes a checkpoint, reports it, and removes those that the policy no longer keeps. */
  save(content: CheckpointContent, kind: CheckpointInfo['kind'], monitored: number | null): Promise<void>;
  /** milliseconds since the last save of this process */
  ageMs(): number;
}

const folderName = (kind: CheckpointInfo['kind'], step: number): string =>
  `${kind === 'best' ? 'best' : 'step'}-${String(step).padStart(9, '0')}`;

/** Folders of one family, oldest first. */
function family(dir: string, prefix: 'best' | 'step'): string[] {
  return fs
    .readdirSync(dir)
    .filter((name) => name.startsWith(`${prefix}-`))
    .toSorted();
}

/** Owns the checkpoint folder of one run: the newest `keepLast`, and the best one if asked for. */
export function createCheckpointKeeper(
  dir: string,
  config: RunConfig,
  send: (message: WorkerMessage) => void,
  nowMs: () => number,
): CheckpointKeeper {
  fs.mkdirSync(dir, { recursive: true });
  // what a process that was killed while writing left behind
  for (const name of fs.readdirSync(dir)) {
    if (name.endsWith('.tmp')) fs.rmSync(path.join(dir, name), { recursive: true, force: true });
  }
  let lastSaveMs = nowMs();
  return {
    async save(content, kind, monitored) {
      const { step, epoch, stepInEpoch } = content.progress;
      const name = folderName(kind, step);
      const written = await writeCheckpoint(dir, name, config.optimizer.id, content);
      const kept = kind === 'best' ? 1 : config.checkpoint.keepLast;
      const outdated = family(dir, kind === 'best' ? 'best' : 'step')
        .filter((other) => other !== name)
        .slice(0, -(kept - 1) || undefined);
      const removed = outdated.map((other) => path.join(dir, other));
      // the host forgets them before they go, so that no row ever points at a folder that is not there
      send({
        type: 'checkpoint',
        ...written,
        step,
        epoch: stepInEpoch === 0 ? epoch : epoch + 0.5,
        kind,
        monitored,
        removed,
      });
      for (const folder of removed) fs.rmSync(folder, { recursive: true, force: true });
      lastSaveMs = nowMs();
    },
    ageMs: () => nowMs() - lastSaveMs,
  };
}
