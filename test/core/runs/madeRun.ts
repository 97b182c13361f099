import { parseRunConfig, type RunConfigInput } from '../../../src/core/contract/runConfig.ts';
import type { Run } from '../../../src/core/contract/runs.ts';

/** A completed run with the given settings. */
export function madeRun(config: RunConfigInput, rest: Partial<Omit<Run, 'config'>> = {}): Run {
  return {
    id: 'run0',
    name: 'a run',
    note: '',
    tags: [],
    status: 'completed',
    endReason: 'completed',
    failure: null,
    softwareVersion: '0.1.0',
    datasetHash: null,
    device: null,
    parameterCount: 1_000,
    createdAtMs: 0,
    startedAtMs: 0,
    endedAtMs: 0,
    deletedAtMs: null,
    queuePosition: null,
    step: 480,
    totalSteps: 480,
    stepsPerEpoch: 12,
    trainSeconds: 10,
    latest: {},
    parent: null,
    ...rest,
    config: parseRunConfig(config),
  };
}
