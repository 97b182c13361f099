import { describe, expect, it } from 'vitest';
import { parseRunConfig } from '../../../src/core/contract/runConfig.ts';
import { optimizerIds } from '../../../src/core/optimizers/catalogue.ts';
import { paperSettings } from '../../../src/core/runs/paperSettings.ts';
import { runSize } from '../../../src/core/runs/runSize.ts';
import { sampleRunConfig } from '../../../src/core/runs/sampleRun.ts';
import { schedulePreview } from '../../../src/core/runs/schedulePreview.ts';
import { splitRows } from '../../../src/worker/data/split.ts';

describe('the preview of a run', () => {
  it('starts at p max with rho 0.8 and ends exactly at p = 2 with rho 0', () => {
    const { p, rho, epochs, learningRate } = schedulePreview(parseRunConfig({ epochs: 200 }), 391, 500);
    expect([p!.at(0), rho!.at(0)]).toEqual([6, 0.8]);
    expect([p!.at(-1), rho!.at(-1)]).toEqual([2, 0]);
    expect(epochs.at(0)).toBe(0);
    expect(epochs.at(-1)).toBeCloseTo(200 - 1 / 391, 10);
    expect(epochs.length).toBeLessThanOrEqual(501);
    expect(learningRate).toHaveLength(epochs.length);
  });

  it('shows every step of a short run once', () => {
    const { epochs } = schedulePreview(parseRunConfig({ epochs: 2 }), 3, 500);
    expect(epochs.map((epoch) => Math.round(epoch * 3))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('works for a run of a single step', () => {
    expect(schedulePreview(parseRunConfig({ epochs: 1 }), 1, 500).p).toEqual([6]);
  });

  it('has no p for an optimizer that does not read it', () => {
    expect(schedulePreview(parseRunConfig({ optimizer: { id: 'adamw' } }), 10, 100).p).toBeNull();
  });

  it.each([1, 7, 100, 1_797, 2_000])('counts the parts of %i rows as the training process deals them', (rows) => {
    const config = parseRunConfig({ split: { validation: rows > 10 ? 0.15 : 0, test: rows > 5 ? 0.2 : 0 } });
    const { trainRows, validationRows, testRows, stepsPerEpoch } = runSize(config, rows);
    const parts = splitRows(config.split, rows);
    expect([trainRows, validationRows, testRows]).toEqual(
      [parts.train, parts.validation, parts.test].map((part) => part.length),
    );
    expect(stepsPerEpoch).toBe(Math.ceil(parts.train.length / 128));
  });
});

describe('settings that come with the workbench', () => {
  it('are all valid', () => {
    parseRunConfig(sampleRunConfig);
    expect(paperSettings).toHaveLength(28);
    for (const { optimizerId, learningRate, hyperparameters, pMax } of paperSettings) {
      expect(optimizerIds).toContain(optimizerId);
      const optimizer = { id: optimizerId, hyperparameters };
      parseRunConfig({ optimizer, learningRate: { base: learningRate }, ...(pMax ? { pSchedule: { pMax } } : {}) });
    }
  });
});
