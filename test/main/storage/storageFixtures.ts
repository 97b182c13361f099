import { parseRunConfig } from '../../../src/core/contract/runConfig.ts';
import type { Run } from '../../../src/core/contract/runs.ts';
import { AppError } from '../../../src/core/errors.ts';

/** A run as it is stored first. */
export function storedRun(id: string, changes: Partial<Run> = {}): Run {
  return {
    id,
    name: `run ${id}`,
    note: '',
    tags: [],
    status: 'queued',
    endReason: null,
    failure: null,
    config: parseRunConfig({}),
    softwareVersion: '0.0.0-test',
    datasetHash: null,
    device: null,
    parameterCount: null,
    createdAtMs: 1_700_000_000_000,
    startedAtMs: null,
    endedAtMs: null,
    deletedAtMs: null,
    queuePosition: null,
    step: 0,
    totalSteps: null,
    stepsPerEpoch: null,
    trainSeconds: 0,
    latest: {},
    parent: null,
    ...changes,
  };
}

/** The AppError that a call throws. */
export function thrownBy(call: () => unknown): AppError {
  try {
    call();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
