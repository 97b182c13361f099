import { describe, expect, it } from 'vitest';
import { importChoicesSchema, type ImportChoices } from '../../../src/core/contract/datasetImport.ts';
import { AppError } from '../../../src/core/errors.ts';
import {
  choiceProblems,
  choicesInForce,
  decide,
  decideEncodings,
  nameOfInput,
  placeError,
} from '../../../src/renderer/stores/importDraft.ts';

const guess: ImportChoices = importChoicesSchema.parse({
  paths: ['/data/a.csv'],
  target: 'species',
  task: 'classes',
  encodings: { id: 'ignore', 'bill.length': 'numeric', island: 'oneHot' },
  missing: 'mean',
  split: { kind: 'stratified', test: 0.2, seed: 0 },
  images: { height: 64, width: 64, channels: 3 },
});

describe('choices of an import', () => {
  it('what the user decided stands over what was guessed, one by one', () => {
    const decided = decide(decideEncodings({}, ['id'], 'numeric'), { 'images.height': 32, missing: 'zero' }, guess);
    expect(choicesInForce(decided, guess)).toMatchObject({
      target: 'species',
      missing: 'zero',
      encodings: { id: 'numeric', 'bill.length': 'numeric', island: 'oneHot' },
      images: { height: 32, width: 64, channels: 3 },
    });
  });

  it('sends only what was decided, so that the rest is guessed anew', () => {
    expect(decide({}, { normalize: 'none' }, guess)).toEqual({ normalize: 'none' });
    expect(decide({ normalize: 'none' }, { normalize: undefined }, guess)).toEqual({});
  });

  it('a part of a split is sent with the whole of it', () => {
    const decided = decide({}, { 'split.seed': 7 }, guess);
    expect(decided).toEqual({ split: { kind: 'stratified', test: 0.2, validation: 0, seed: 7 } });
  });

  it('another target gives the task back to the guess, the same target keeps it', () => {
    const chosen = decide({}, { task: 'regression' }, guess);
    expect(decide(chosen, { target: 'species' }, guess)).toEqual({ task: 'regression', target: 'species' });
    expect(decide(chosen, { target: 'id' }, guess)).toEqual({ target: 'id' });
  });

  it('a target has no encoding, and a name with a dot is one name', () => {
    const decided = decide(decideEncodings({}, ['bill.length'], 'ordinal'), { target: 'island' }, guess);
    expect(choicesInForce(decided, guess)['encodings']).toEqual({ id: 'ignore', 'bill.length': 'ordinal' });
  });

  it('what cannot be right is named by its field before the host is asked', () => {
    const decided = decide({}, { 'split.test': 'a lot', 'images.height': 0 }, guess);
    const problems = choiceProblems(['/data/a.csv'], choicesInForce(decided, guess));
    expect([...problems.keys()].toSorted()).toEqual(['images.height', 'split.test']);
    expect(choiceProblems(['/data/a.csv'], choicesInForce({}, guess)).size).toBe(0);
  });
});

describe('a failed inspection', () => {
  const columns = ['id', 'species'];
  const failure = (details?: Record<string, string>) => new AppError('fileUnreadable', 'no', { details });

  it('is shown at the column it names', () => {
    expect(placeError(failure({ column: 'id' }), ['missing'], columns)).toMatchObject({
      column: 'id',
      field: 'encodings',
    });
  });
  it('is shown at the target when that was changed', () => {
    expect(placeError(failure({ column: 'species' }), ['task'], columns)).toMatchObject({
      column: 'species',
      field: 'task',
    });
  });
  it('is shown at the choice that caused it, or that was changed last', () => {
    expect(placeError(failure({ choice: 'split.column' }), ['missing'], columns).field).toBe('split.column');
    expect(placeError(failure(), ['missing', 'split.test'], columns).field).toBe('split.test');
  });
  it('belongs to the files when nothing was changed', () => {
    expect(placeError(failure({ column: 'gone' }), [], columns)).toMatchObject({ column: null, field: null });
  });
});

it('names a dataset after what was dropped', () => {
  expect(nameOfInput(['flowers/roses/1.png', 'flowers/tulips/1.png'])).toBe('flowers');
  expect(nameOfInput(['iris.csv'])).toBe('iris');
  expect(nameOfInput(['train-images-idx3-ubyte.gz'])).toBe('train-images-idx3-ubyte');
  expect(nameOfInput(['cifar-10-python.tar.gz'])).toBe('cifar-10-python');
  expect(nameOfInput(['v1.2 results'])).toBe('v1.2 results');
  expect(nameOfInput([])).toBe('');
});
