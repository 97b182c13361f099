import { describe, expect, it } from 'vitest';
import { meanAndSpread } from '../../../src/main/cli/demo/comparison.ts';
import { formatDuration, formatNumber, formatPercent } from '../../../src/main/cli/terminal/formats.ts';
import { plainProgress, progressLine } from '../../../src/main/cli/terminal/progressLine.ts';
import { renderTable } from '../../../src/main/cli/terminal/table.ts';

describe('progress', () => {
  const facts = {
    label: 'lpsgdm',
    step: 120,
    totalSteps: 480,
    epoch: 10,
    epochs: 40,
    latest: { loss: 0.12345, testAccuracy: 0.975, p: 5.4321, learningRate: 0.01, samplesPerSecond: 51_234.5 },
    etaSeconds: 72,
  };

  it('shows share, ETA, epoch, loss, accuracy, p, learning rate and speed', () => {
    expect(progressLine(facts, 200)).toBe(
      'lpsgdm [#####...............] 25 %  ETA 1m 12s  epoch 10/40  loss 0.1235  accuracy 97.5 %  p 5.432  lr 0.01  samples/s 51,235',
    );
  });

  it.each([20, 40, 60, 80, 120])('never breaks a line of a terminal of %i columns', (width) => {
    expect(progressLine(facts, width).length).toBeLessThanOrEqual(width);
  });

  it('leaves out what is not known yet', () => {
    const early = { ...facts, step: 0, totalSteps: null, epoch: null, latest: {}, etaSeconds: null };
    expect(plainProgress(early)).toBe('lpsgdm: step 0');
    expect(plainProgress(facts)).toContain('step 120/480  epoch 10/40  loss 0.1235');
  });
});

describe('numbers', () => {
  it('keep four digits and say when there is nothing', () => {
    expect([0.5, 0.00012345, 123456, 0, null, Number.NaN].map(formatNumber)).toEqual([
      '0.5',
      '1.23e-4',
      '1.23e+5',
      '0',
      '-',
      '-',
    ]);
    expect([formatPercent(0.98765), formatPercent(undefined)]).toEqual(['98.77 %', '-']);
    expect([0.25, 59.6, 3599, 7500].map(formatDuration)).toEqual(['0.3s', '1m 00s', '59m 59s', '2h 05m']);
  });

  it('spread is the sample standard deviation', () => {
    // deviations -1, 0, 1 around 2: variance (1 + 0 + 1) / 2
    expect(meanAndSpread([1, 2, 3])).toEqual({ mean: 2, spread: 1 });
    expect(meanAndSpread([5])).toEqual({ mean: 5, spread: 0 });
  });
});

it('a table aligns its columns and leaves no blanks at line ends', () => {
  const columns = [{ title: 'Name' }, { title: 'Loss', align: 'right' }] as const;
  expect(
    renderTable(columns, [
      ['a', '0.5'],
      ['longer', ''],
    ]),
  ).toBe('Name    Loss\n------  ----\na        0.5\nlonger\n');
});
