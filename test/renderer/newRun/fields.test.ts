import { describe, expect, it } from 'vitest';
import { modelIds } from '../../../src/core/models/catalogue.ts';
import { modelOptions } from '../../../src/renderer/components/newRun/modelOptions.ts';
import { nextOnLogScale, readNumber, writeNumber } from '../../../src/renderer/components/newRun/runForm.ts';

describe('a number field', () => {
  it.each([
    ['0.001', 0.001],
    [' 1e-3 ', 0.001],
    ['.5', 0.5],
    ['10 %', 0.1],
    ['95%', 0.95],
    ['-1', -1],
    ['', null],
    ['1e', '1e'],
    ['ten', 'ten'],
    ['1,5', '1,5'],
  ])('reads "%s"', (text, value) => expect(readNumber(text)).toBe(value));

  it.each([
    [0.0005, '0.0005'],
    [1e-8, '1e-8'],
    [2.5e-5, '2.5e-5'],
    [128, '128'],
    [0, '0'],
    [undefined, ''],
    [null, ''],
    ['ten', 'ten'],
  ])('writes %s so that it reads the same', (value, text) => {
    expect(writeNumber(value)).toBe(text);
    expect(readNumber(text) ?? undefined).toBe(value ?? undefined);
  });

  it('steps through 1, 2, 5 where values spread over decades', () => {
    let value = 0.001;
    const up = Array.from({ length: 4 }, () => (value = nextOnLogScale(value, 1)));
    expect(up).toEqual([0.002, 0.005, 0.01, 0.02]);
    const down = Array.from({ length: 5 }, () => (value = nextOnLogScale(value, -1)));
    expect(down).toEqual([0.01, 0.005, 0.002, 0.001, 0.0005]);
    expect(nextOnLogScale(0.03, 1)).toBe(0.05);
    expect(nextOnLogScale(0.03, -1)).toBe(0.02);
    expect(nextOnLogScale(0, 1)).toBe(1e-5);
    expect(nextOnLogScale(0, -1)).toBe(0);
  });
});

describe('the options of a model', () => {
  it('are offered for every model of the catalogue', () => {
    expect(Object.fromEntries(modelIds.map((id) => [id, modelOptions(id).map(({ key }) => key)]))).toMatchObject({
      softmax: [],
      mlp: ['hidden', 'dropout'],
      cnn: ['filters', 'dense', 'dropout'],
    });
    expect(modelOptions('mlp')[0]).toMatchObject({ kind: 'numbers', placeholder: '128' });
    expect(modelOptions('no such model')).toEqual([]);
  });
});
