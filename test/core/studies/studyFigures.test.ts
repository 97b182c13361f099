import { describe, expect, it } from 'vitest';
import type { Run } from '../../../src/core/contract/runs.ts';
import type { Study } from '../../../src/core/contract/studies.ts';
import { paperTheme } from '../../../src/core/plots/svg.ts';
import { outlineStudy } from '../../../src/core/studies/planStudy.ts';
import { heatMapFigure, settingsFigure } from '../../../src/core/studies/studyFigures.ts';
import { parseStudySpec, type StudySpecInput } from '../../../src/core/studies/studySpec.ts';
import { studyTable } from '../../../src/core/studies/studyTable.ts';

/** A study whose runs have ended with the accuracies of `accuracyOf`. */
function ended(input: StudySpecInput, accuracyOf: (settingLabel: string, seed: number) => number) {
  const spec = parseStudySpec(input);
  const outline = outlineStudy(spec);
  const labels = new Map(outline.settings.map(({ id, label }) => [id, label]));
  const runs = new Map(
    outline.places.map(({ settingId, seed, position }) => {
      const latest = { testAccuracy: accuracyOf(labels.get(settingId)!, seed) };
      return [`run${position}`, { status: 'completed', deletedAtMs: null, latest } as unknown as Run];
    }),
  );
  const study: Study = {
    id: 'study',
    name: 'a study',
    note: '',
    status: 'completed',
    spec,
    createdAtMs: 0,
    startedAtMs: 0,
    endedAtMs: 0,
    runs: outline.places.map(({ settingId, seed, position }) => ({
      position,
      settingId,
      seed,
      runId: `run${position}`,
      prunedEpoch: null,
      prunedValue: null,
    })),
  };
  return { study, table: studyTable(study, outline, runs), labels: [...labels.values()] };
}

const grid: StudySpecInput = {
  optimizers: [{ id: 'lpsgdm' }, { id: 'sgdm' }],
  seeds: [0, 1],
  search: {
    kind: 'grid',
    axes: [
      { path: 'learningRate.base', values: [0.003, 0.01, 0.03], only: ['LPSGDM'] },
      { path: 'pSchedule.pMax', values: [2, 6, 10], only: ['LPSGDM'] },
    ],
  },
};
const widthOf = (svg: string): number => Number(/ width="([\d.]+)"/.exec(svg)![1]);

describe('the figures of a study', () => {
  it('name ten settings in full, in a picture that fits a page', () => {
    const { study, table, labels } = ended(grid, (_, seed) => 0.9 + seed / 100);
    const { svg } = settingsFigure(study, table.rows, paperTheme);
    expect(labels).toHaveLength(10);
    for (const label of labels) expect(svg).toContain(`>${label}</text>`);
    expect(widthOf(svg)).toBeLessThan(900);
  });

  it('draw a column each where the names are short', () => {
    const { study, table } = ended({ optimizers: [{ id: 'lpsgdm' }, { id: 'sgdm' }], seeds: [0, 1] }, () => 0.9);
    const { svg } = settingsFigure(study, table.rows, paperTheme);
    expect(svg).toContain('rotate(-90');
  });

  it('map the grid of one optimizer beside a baseline without one', () => {
    const { study, table } = ended(grid, (label) => (label === 'SGDM' ? 0.111 : label.includes('pMax 10') ? 0.9 : 0.5));
    const { svg, title } = heatMapFigure(study, table, paperTheme)!;
    expect(title).toBe('Mean test accuracy (%) of LPSGDM over the seeds');
    expect(svg.match(/>50\.0</g)).toHaveLength(6);
    expect(svg.match(/>90\.0</g)).toHaveLength(3);
    expect(svg).not.toContain('>11.1<');
  });

  it('map nothing when two optimizers were searched', () => {
    const both: StudySpecInput = {
      ...grid,
      search: {
        kind: 'grid',
        axes: [
          { path: 'learningRate.base', values: [0.01, 0.1] },
          { path: 'batchSize', values: [32, 64] },
        ],
      },
    };
    const { study, table } = ended(both, () => 0.5);
    expect(heatMapFigure(study, table, paperTheme)).toBeNull();
  });
});
