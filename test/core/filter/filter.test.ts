import { describe, expect, it } from 'vitest';
import type { Run } from '../../../src/core/contract/runs.ts';
import { compileFilter } from '../../../src/core/filter/compileFilter.ts';
import { completeFilter } from '../../../src/core/filter/completeFilter.ts';
import { FilterVocabulary } from '../../../src/core/filter/filterFields.ts';
import { madeRun } from '../runs/madeRun.ts';

const hourMs = 3_600_000;
const nowMs = new Date(2026, 5, 15, 12).getTime();
const vocabulary = new FilterVocabulary({ metricKeys: ['curvature'], nowMs: () => nowMs });

const runs: readonly Run[] = [
  madeRun(
    { optimizer: { id: 'lpsgdm' }, seed: 1, pSchedule: { pMax: 8 }, model: { preset: 'cnn' } },
    {
      id: 'aaa1',
      name: 'LPSGDM on digits',
      tags: ['Baseline', 'paper'],
      latest: { testAccuracy: 0.97, trainLoss: 0.02, p: 2, curvature: 40 },
      createdAtMs: nowMs - 2 * hourMs,
      trainSeconds: 30,
    },
  ),
  madeRun(
    {
      optimizer: { id: 'sgdm', hyperparameters: { nesterov: true } },
      learningRate: { base: 0.1 },
      model: { preset: 'mlp', options: { hidden: [64, 32] } },
      batchSize: 32,
      split: { test: 0.25 },
    },
    {
      id: 'bbb2',
      name: 'heavy ball',
      note: 'Diverged; see "notes"',
      status: 'failed',
      failure: { code: 'nonFiniteLoss', message: 'The loss became NaN at step 12.' },
      latest: { testAccuracy: null, trainLoss: 2.3 },
      createdAtMs: nowMs - 30 * hourMs,
      trainSeconds: 4_000,
    },
  ),
  madeRun(
    { optimizer: { id: 'adamw' }, learningRate: { base: 0.001 }, epochs: 10, dataset: { id: 'spirals' } },
    {
      id: 'ccc3',
      name: 'adam and friends',
      tags: ['paper'],
      status: 'queued',
      latest: {},
      createdAtMs: nowMs - 90 * 24 * hourMs,
      parameterCount: 2_500_000,
    },
  ),
];

function matching(text: string): string {
  const filter = compileFilter(text, { vocabulary, nowMs });
  if (!filter.ok) throw new Error(filter.problem.message);
  return runs
    .filter(filter.matches)
    .map((run) => run.id[0])
    .join('');
}

describe('a filter finds', () => {
  it.each([
    // settings, by short name, path, alias and spelling
    ['optimizer = lpsgdm', 'a'],
    ['optimizer=lpsgdm', 'a'],
    ['optimizer != lpsgdm', 'bc'],
    ['optimizer ~ sgd', 'ab'],
    ['optimizer contains SGD', 'ab'],
    ['dataset = spirals', 'c'],
    ['model = cnn or model = softmax', 'a'],
    ['seed = 1', 'a'],
    ['batchSize < 100', 'b'],
    ['batch-size < 100', 'b'],
    ['epochs >= 40', 'ab'],
    ['learningRate >= 0.1', 'b'],
    ['lr >= 1e-1', 'b'],
    ['learningRate.base = .001', 'ac'],
    ['split.test = 25%', 'b'],
    ['hidden = "64,32"', 'b'],
    ['nesterov = yes', 'b'],
    ['nesterov = false', ''],
    ['checkpoint.keepBest = true', 'abc'],
    ['weightDecay = 0.01', 'ac'],
    // the p schedule of an optimizer that does not read it is no setting
    ['pMax >= 2', 'a'],
    // metrics
    ['testAccuracy > 0.95', 'a'],
    ['testaccuracy > 95%', 'a'],
    ['testAccuracy > 95 %', 'a'],
    ['trainLoss < 1', 'a'],
    ['p = 2', 'a'],
    ['metric.curvature > 30', 'a'],
    ['curvature > 30', 'a'],
    // state, tags, time
    ['status = failed', 'b'],
    ['error ~ nan', 'b'],
    ['tag = paper', 'ac'],
    ['tag = baseline', 'a'],
    ['tag != baseline', 'bc'],
    ['tag ~ base', 'a'],
    ['tag = ""', 'b'],
    ['age < 1d', 'a'],
    ['age > 7d', 'c'],
    ['created = today', 'a'],
    ['created < today', 'bc'],
    ['created = yesterday', 'b'],
    ['created = 2026-06-14', 'b'],
    ['created >= 2026-06', 'ab'],
    ['duration > 1h', 'b'],
    ['parameters > 1M', 'c'],
    // words
    ['digits', 'a'],
    ['NAN', ''],
    ['diverged', 'b'],
    ['"adam and"', 'c'],
    ['bbb', 'b'],
    ['paper adam', 'c'],
    ['note ~ "\\"notes\\""', 'b'],
    ["note ~ 'see \"notes'", 'b'],
    // logic
    ['', 'abc'],
    ['   ', 'abc'],
    ['not optimizer = lpsgdm', 'bc'],
    ['NOT (optimizer = lpsgdm OR status = failed)', 'c'],
    ['optimizer = lpsgdm and testAccuracy > 0.95', 'a'],
    ['optimizer = sgdm or optimizer = adamw and status = failed', 'b'],
    ['(optimizer = sgdm or optimizer = adamw) and status = queued', 'c'],
    ['not not digits', 'a'],
    // a missing value matches no comparison, and so it does match its negation
    ['testAccuracy <= 1', 'a'],
    ['not testAccuracy <= 1', 'bc'],
  ])('%s', (text, expected) => expect(matching(text)).toBe(expected));
});

describe('a filter that cannot be read says where and what to write', () => {
  it.each([
    ['optimzer = lpsgdm', 'optimzer', 'did you mean "optimizer"?'],
    ['optimizer = lpsgmd', 'lpsgmd', 'did you mean "lpsgdm"?'],
    ['status = runing', 'runing', 'did you mean "running"?'],
    ['testAcuracy > 1', 'testAcuracy', 'did you mean "testAccuracy"?'],
    ['testAccuracy > high', 'high', 'testAccuracy is a number'],
    ['learningRate ~ 1', 'learningRate ~ 1', 'compare it with =, !=, <, <=, > or >=, not with ~'],
    ['optimizer > lpsgdm', 'optimizer > lpsgdm', 'compare it with =, != or ~, not with >'],
    ['created = 2026-02-31', '2026-02-31', 'created is a date'],
    ['age < soon', 'soon', 'age is a length of time'],
    ['nesterov = 2', '2', 'nesterov is yes or no'],
    ['seed = ', 'seed =', 'A value is missing after "seed ="'],
    ['seed = )', 'seed =', 'A value is missing'],
    ['= 3', '=', 'A field is missing before "="'],
    ['digits and', 'and', 'A condition is missing after "and"'],
    ['or digits', 'or', 'A condition is missing before "or"'],
    ['digits and and cnn', 'and', 'A condition is missing after "and"'],
    ['not', 'not', 'A condition is missing after "not"'],
    ['(seed = 1', '(', 'not closed'],
    ['seed = 1)', ')', 'closes nothing'],
    ['()', '()', 'nothing between'],
    ['name = "x', '"x', 'no closing "'],
    ['a && b', '&&', 'Write "and"'],
    ['a || b', '||', 'Write "or"'],
    ['!a', '!', 'Write "not"'],
    ['('.repeat(60) + 'a' + ')'.repeat(60), '(', 'More than 50 brackets'],
  ])('%s', (text, at, sentence) => {
    const filter = compileFilter(text, { vocabulary, nowMs });
    if (filter.ok) throw new Error('this was accepted');
    const { span, message } = filter.problem;
    expect(message).toContain(sentence);
    expect(text.slice(span.start, span.end)).toBe(at);
  });

  it('reads of a run of another program what that program said, not the settings that stand in for it', () => {
    const origin = { kind: 'tensorBoard', source: '/logs', hyperparameters: { batchSize: 64 } } as const;
    const run = madeRun({}, { id: 'tb', origin });
    const read = (name: string) => vocabulary.find(name)?.read(run);
    expect([read('batchSize'), read('optimizer'), read('seed'), read('pMax')]).toEqual([
      64,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('never fails in another way, whatever is typed', () => {
    const pieces = [
      'optimizer',
      '=',
      '(',
      ')',
      'and',
      'or',
      'not',
      '"',
      "'",
      '%',
      '~',
      '<',
      '!',
      '&',
      '5',
      '\\',
      ' ',
      'p',
    ];
    const beyondText: string[] = [];
    let state = 7;
    const draw = (): string => pieces[(state = (state * 1_103_515_245 + 12_345) % 2 ** 31) % pieces.length]!;
    for (let i = 0; i < 5_000; i++) {
      const text = Array.from({ length: 1 + (i % 9) }, draw).join('');
      const filter = compileFilter(text, { vocabulary, nowMs });
      if (!filter.ok && filter.problem.span.end > text.length) beyondText.push(text);
    }
    expect(beyondText).toEqual([]);
  });
});

describe('completion', () => {
  const complete = (text: string) => completeFilter(text, text.length, vocabulary, { most: 5 });

  it('offers fields that begin with what was typed', () => {
    expect(complete('optim')[0]).toMatchObject({ text: 'optimizer ', span: { start: 0, end: 5 } });
    expect(complete('seed = 1 and testA').map(({ text }) => text)).toContain('testAccuracy ');
  });

  it('offers the values of a closed list', () => {
    expect(complete('status = fa')).toEqual([{ text: 'failed', description: '', span: { start: 9, end: 11 } }]);
    expect(complete('optimizer=lp').map(({ text }) => text)).toEqual(['lpsgd', 'lpsgdm']);
  });

  it('offers comparators after a whole field and values a caller knows', () => {
    expect(complete('seed').map(({ text }) => text)).toContain('seed >= ');
    const tags = completeFilter('tag = b', 7, vocabulary, { most: 5, valuesOf: () => ['big run', 'paper'] });
    expect(tags.map(({ text }) => text)).toEqual(['"big run"']);
  });
});
