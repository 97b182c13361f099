import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../../src/core/contract/runs.ts';
import { npyHeader } from '../../../src/main/datasets/npyHeader.ts';
import { openTestApp, refusal, smallRun, temporaryFolders, type TestApp } from '../services/testApp.ts';

const folders = temporaryFolders();
let test: TestApp;
let digits: Run;
let regression: Run;

beforeAll(async () => {
  test = openTestApp(folders.create());
  const model = { preset: 'cnn', options: { filters: [4, 8] } };
  digits = await test.train(
    smallRun({ model, learningRate: { base: 0.01 }, split: { test: 0.2, validation: 0.1 } }),
    'digits',
  );
  regression = await test.train(smallRun({ dataset: { id: 'quadratic-noise' } }), 'regression');
  digits = await test.untilStatus(digits, 'completed', 'failed');
  regression = await test.untilStatus(regression, 'completed', 'failed');
}, 60_000);

afterAll(async () => {
  await test.app.close();
  folders.remove();
});

/** Lines of a CSV without quoted cells, as columns by title. */
function readCsv(file: string): Record<string, string>[] {
  const [head, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const titles = head!.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [titles[i]!, cell])));
}

describe('judging a part of the data', () => {
  it('agrees with what the run measured on the same weights', async () => {
    for (const part of ['test', 'validation'] as const) {
      const evaluation = await test.app.results.evaluate({ runId: digits.id, part });
      expect(evaluation.step).toBe(digits.step);
      expect(evaluation.accuracy).toBeCloseTo(digits.latest[`${part}Accuracy`]!, 9);
      expect(evaluation.loss).toBeCloseTo(digits.latest[`${part}Loss`]!, 5);
    }
  });

  it('counts every row once by its class and what it was taken for', async () => {
    const { confusion, rows, accuracy } = await test.app.results.evaluate({ runId: digits.id });
    const counts = confusion.flat();
    expect(confusion.map((row) => row.length)).toStrictEqual(Array.from({ length: 10 }, () => 10));
    expect(counts.reduce((a, b) => a + b)).toBe(rows);
    expect(rows).toBe(359);
    expect(confusion.reduce((sum, row, i) => sum + row[i]!, 0) / rows).toBe(accuracy);
  });

  it('shows the rows of greatest loss, greatest first, with their pictures', async () => {
    const { worst } = await test.app.results.evaluate({ runId: digits.id, worst: 5 });
    expect(worst).toHaveLength(5);
    expect(worst.map(({ loss }) => loss)).toStrictEqual(worst.map(({ loss }) => loss).toSorted((a, b) => b - a));
    const pixels = readFileSync(path.join(test.dataDir, 'datasets', digits.datasetHash!, 'x.npy'));
    const start = pixels.length - 1_797 * 64;
    for (const { row, values, confidence } of worst) {
      const stored = pixels.subarray(start + row * 64, start + (row + 1) * 64);
      expect(values).toStrictEqual(Array.from(stored, (pixel) => pixel / 16));
      expect(confidence).toBeGreaterThan(0.1);
    }
  });

  it('judges a regression by its errors', async () => {
    const evaluation = await test.app.results.evaluate({ runId: regression.id });
    expect(evaluation).toMatchObject({ accuracy: null, confusion: [], task: 'regression' });
    expect(evaluation.meanAbsoluteError).toBeCloseTo(regression.latest['testMae']!, 5);
    expect(evaluation.loss).toBeCloseTo(regression.latest['testLoss']!, 5);
    expect(evaluation.rootMeanSquaredError).toBeCloseTo(Math.sqrt(evaluation.loss), 5);
  });

  it('is computed once for a checkpoint', async () => {
    const first = await test.app.results.evaluate({ runId: digits.id });
    const kept = path.join(test.dataDir, 'runs', digits.id, 'evaluations', `test-${digits.step}.json`);
    expect(existsSync(kept)).toBe(true);
    expect(await test.app.results.evaluate({ runId: digits.id })).toStrictEqual(first);
    writeFileSync(kept, '{"damaged":');
    expect(await test.app.results.evaluate({ runId: digits.id })).toStrictEqual(first);
  });

  it('says which part or checkpoint there is not', async () => {
    const noValidation = await refusal(test.app.results.evaluate({ runId: regression.id, part: 'validation' }));
    expect(noValidation).toMatchObject({ code: 'notFound', message: expect.stringContaining('no validation part') });
    const nothing = await test.train(smallRun({ epochs: 100_000 }), 'not started');
    await test.runs.stop({ runId: nothing.id }).catch(() => test.runs.cancel({ runId: nothing.id }));
    const stopped = await test.untilStatus(nothing, 'stopped', 'cancelled');
    rmSync(path.join(test.dataDir, 'runs', stopped.id), { recursive: true, force: true });
    const { code } = await refusal(test.app.results.evaluate({ runId: stopped.id }));
    expect(code).toBe('checkpointMissing');
  });
});

describe('predictions as CSV', () => {
  it('hold every row of the part once, with probabilities that sum to 1 and agree with the confusion matrix', async () => {
    const file = path.join(test.dataDir, 'out', 'predictions.csv');
    const { rows } = await test.app.results.exportPredictions({ runId: digits.id, path: file });
    const lines = readCsv(file);
    expect(lines).toHaveLength(rows);
    expect(new Set(lines.map(({ row }) => row)).size).toBe(359);
    expect(new Set(lines.map(({ part }) => part))).toStrictEqual(new Set(['test']));
    for (const line of lines) {
      const sum = Array.from({ length: 10 }, (_, i) => Number(line[`p(${i})`])).reduce((a, b) => a + b);
      expect(sum).toBeCloseTo(1, 5);
    }
    const { accuracy } = await test.app.results.evaluate({ runId: digits.id });
    expect(lines.filter(({ target, predicted }) => target === predicted).length / rows).toBeCloseTo(accuracy!, 9);
  });

  it('of all rows name the part of each', async () => {
    const file = path.join(test.dataDir, 'out', 'all.csv');
    const { rows } = await test.app.results.exportPredictions({ runId: digits.id, part: 'all', path: file });
    expect(rows).toBe(1_797);
    const count = (name: string) => readCsv(file).filter(({ part }) => part === name).length;
    expect([count('train'), count('validation'), count('test')]).toStrictEqual([1_258, 180, 359]);
  });

  it('of a dataset of another shape are refused', async () => {
    const call = test.app.results.exportPredictions({
      runId: digits.id,
      dataset: 'spirals',
      path: path.join(test.dataDir, 'out', 'never.csv'),
    });
    expect(await refusal(call)).toMatchObject({ code: 'shapeMismatch', message: expect.stringContaining('[2]') });
    expect(readdirSync(path.join(test.dataDir, 'out')).filter((name) => name.startsWith('never'))).toStrictEqual([]);
  });

  it('are not written over a file that is there, unless asked', async () => {
    const file = path.join(test.dataDir, 'out', 'thesis.csv');
    writeFileSync(file, 'mine');
    const call = test.app.results.exportPredictions({ runId: digits.id, path: file });
    expect(await refusal(call)).toMatchObject({ code: 'conflict', message: expect.stringContaining(file) });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    await test.app.results.exportPredictions({ runId: digits.id, path: file, overwrite: true });
    expect(readCsv(file)).toHaveLength(359);
  });

  it('into a place that cannot be written leave nothing and say why', async () => {
    const blocked = path.join(test.dataDir, 'a-file');
    writeFileSync(blocked, '');
    const call = test.app.results.exportPredictions({ runId: digits.id, path: path.join(blocked, 'x.csv') });
    expect(await refusal(call)).toMatchObject({ code: 'fileNotWritable', message: expect.stringContaining(blocked) });
  });
});

describe('a model that leaves the workbench', () => {
  it('as a tfjs model, loaded by plain tfjs, says the same to 1e-5 on the test rows', async () => {
    const dir = path.join(test.dataDir, 'out', 'tfjs');
    const { files } = await test.app.results.exportModel({ runId: digits.id, path: dir });
    expect(files.toSorted()).toStrictEqual(['model.json', 'use.json', 'weights.bin']);
    const csv = path.join(test.dataDir, 'out', 'compare.csv');
    await test.app.results.exportPredictions({ runId: digits.id, path: csv });
    const lines = readCsv(csv);
    // a process of its own, which knows tfjs and the files alone
    const program = path.join(import.meta.dirname, 'plainTfjs.ts');
    const dataset = path.join(test.dataDir, 'datasets', digits.datasetHash!);
    const rows = lines.map(({ row }) => row).join(',');
    const output = execFileSync(process.execPath, [program, dir, dataset, rows], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    const plain = JSON.parse(output) as number[][];
    let greatest = 0;
    lines.forEach((line, i) => {
      for (let c = 0; c < 10; c++) greatest = Math.max(greatest, Math.abs(plain[i]![c]! - Number(line[`p(${c})`])));
    });
    expect(plain).toHaveLength(359);
    expect(greatest).toBeLessThan(1e-5);
  });

  it('as safetensors holds the weights of the checkpoint and says how to feed them', async () => {
    const dir = path.join(test.dataDir, 'out', 'safetensors');
    const { files } = await test.app.results.exportModel({ runId: digits.id, format: 'safetensors', path: dir });
    expect(files.toSorted()).toStrictEqual(['config.json', 'weights.safetensors']);
    const [checkpoint] = await test.runs.checkpoints({ runId: digits.id });
    expect(readFileSync(path.join(dir, 'weights.safetensors'))).toStrictEqual(
      readFileSync(path.join(checkpoint!.path, 'weights.safetensors')),
    );
    const { use } = JSON.parse(readFileSync(path.join(dir, 'config.json'), 'utf8'));
    expect(use).toMatchObject({ input: { shape: [8, 8, 1], scale: 1 / 16 }, output: { kind: 'logits' } });
  });

  it('is not written over what is there', async () => {
    const dir = path.join(test.dataDir, 'out', 'mine');
    mkdirSync(dir, { recursive: true });
    writeFileSync(path.join(dir, 'thesis.txt'), 'years of work');
    const call = test.app.results.exportModel({ runId: digits.id, path: dir });
    expect(await refusal(call)).toMatchObject({ code: 'fileNotWritable' });
    expect(readdirSync(dir)).toStrictEqual(['thesis.txt']);
  });
});

describe('trying a model on files', () => {
  it('answers pictures with classes, and says why another file has no answer', async () => {
    const { worst } = await test.app.results.evaluate({ runId: digits.id, worst: 1 });
    const dir = path.join(test.dataDir, 'out');
    const picture = path.join(dir, 'digit.png');
    const broken = path.join(dir, 'broken.png');
    const { values, predicted, confidence } = worst[0]!;
    const pixels = Uint8Array.from(values, (value) => Math.round(value * 255));
    await sharp(pixels, { raw: { width: 8, height: 8, channels: 1 } })
      .png()
      .toFile(picture);
    writeFileSync(broken, 'no picture');
    const answers = await test.app.results.predictFiles({ runId: digits.id, paths: [picture, broken] });
    expect(answers[0]!.classes[0]!.name).toBe(String(predicted));
    expect(answers[0]!.classes[0]!.probability).toBeCloseTo(confidence!, 2);
    expect(answers[0]!.classes).toHaveLength(10);
    expect(answers[1]).toMatchObject({ classes: [], problem: expect.stringContaining('broken.png') });
  });

  it('answers every sample of a .npy file as it answers the rows of the dataset', async () => {
    const dir = path.join(test.dataDir, 'out');
    const csv = path.join(dir, 'whole.csv');
    await test.app.results.exportPredictions({ runId: digits.id, part: 'all', path: csv });
    const lines = readCsv(csv);
    const stored = readFileSync(path.join(test.dataDir, 'datasets', digits.datasetHash!, 'x.npy'));
    const pixels = stored.subarray(stored.length - 1_797 * 64);
    const write = (name: string, type: string, shape: number[], numbers: Uint8Array): string => {
      const file = path.join(dir, name);
      writeFileSync(file, Buffer.concat([npyHeader(type, shape), numbers]));
      return file;
    };
    const asDoubles = new Uint8Array(Float64Array.from(pixels.subarray(64, 128)).buffer);
    const several = write('several.npy', '|u1', [5, 8, 8], pixels.subarray(0, 5 * 64));
    const one = write('one.npy', '<f8', [8, 8, 1], asDoubles);
    const turned = write('turned.npy', '|u1', [5, 4, 16], pixels.subarray(0, 5 * 64));
    const many = write('many.npy', '|u1', [1_797, 64], pixels);
    const answers = await test.app.results.predictFiles({ runId: digits.id, paths: [several, one, turned, many] });
    const of = (file: string) => answers.filter((answer) => answer.path === file);
    expect(of(several).map(({ index }) => index)).toStrictEqual([0, 1, 2, 3, 4]);
    [...of(several), ...of(one)].forEach(({ classes, problem }, i) => {
      const line = lines[i === 5 ? 1 : i]!;
      expect(problem).toBeNull();
      expect(classes[0]!.name).toBe(line['predicted']);
      for (const { name, probability } of classes) expect(probability).toBeCloseTo(Number(line[`p(${name})`]), 5);
    });
    expect(of(turned)[0]!.problem).toContain('the shape (5, 4, 16)');
    expect(of(many)).toHaveLength(1_001);
    expect(of(many).at(-1)!.problem).toContain('more than 1,000 samples');
  });

  it('answers rows of a table as its import encoded them: by name, with categories, dates and gaps', async () => {
    const dir = path.join(test.dataDir, 'out');
    const colors = ['red', 'green', '1'];
    const rows = Array.from({ length: 90 }, (_, i) => {
      const width = i % 11 === 3 ? '' : ((i * 37) % 97) / 10;
      const color = i % 13 === 5 ? '' : colors[i % 3]!;
      const day = `2026-01-${String((i % 28) + 1).padStart(2, '0')}`;
      // numbers and texts, more than a summary lists
      const size = i % 5 === 0 ? String(30 - (i % 20)) : `size ${(i * 7) % 23}`;
      return [width, color, day, size, i % 2 === 0 ? 'wide' : 'tall'];
    });
    const source = path.join(dir, 'things.csv');
    const text = (lines: unknown[][]): string => lines.map((line) => `${line.join(',')}\n`).join('');
    const titles = ['width', 'color', 'day', 'size', 'kind'];
    writeFileSync(source, text([titles, ...rows]));
    const { meta } = await test.app.datasets.import({
      importId: 'things',
      choices: { paths: [source], target: 'kind', encodings: { size: 'ordinal', day: 'numeric' } },
    });
    let run = await test.train(smallRun({ dataset: { id: meta.id }, epochs: 1 }), 'things');
    run = await test.untilStatus(run, 'completed', 'failed');
    const csv = path.join(dir, 'things-predicted.csv');
    await test.app.results.exportPredictions({ runId: run.id, part: 'all', path: csv });
    const lines = readCsv(csv);
    // other order of columns, without the target, separated otherwise
    const other = path.join(dir, 'new.tsv');
    writeFileSync(
      other,
      text([titles.slice(0, 4), ...rows.map((row) => row.slice(0, 4))].map((row) => [row.toReversed().join('\t')])),
    );
    for (const file of [source, other]) {
      const answers = await test.app.results.predictFiles({ runId: run.id, paths: [file] });
      expect(answers.map(({ problem }) => problem)).toStrictEqual(rows.map(() => null));
      answers.forEach(({ classes }, i) => {
        for (const { name, probability } of classes) {
          expect(probability).toBeCloseTo(Number(lines[i]![`p(${name})`]), 5);
        }
      });
    }
    const odd = path.join(dir, 'odd.csv');
    writeFileSync(
      odd,
      text([
        titles,
        ['wide', 'red', '2026-01-01', 'size 7', ''],
        [1, 'blue', '2026-01-01', 'size 7', ''],
        [1, 'red', '2026-01-01', 'size 99', ''],
      ]),
    );
    const [notNumber, unseen, unnumbered] = await test.app.results.predictFiles({ runId: run.id, paths: [odd] });
    expect(notNumber!.problem).toContain('column "width": sample 1 has "wide", which is no number');
    expect(unseen!.problem).toContain('column "color": sample 2 has "blue", which the model never saw');
    expect(unnumbered!.problem).toContain('column "size": sample 3 has "size 99", which the model never saw');
    writeFileSync(
      odd,
      text([
        ['width', 'day'],
        [1, '2026-01-01'],
        [2, '2026-01-02'],
      ]),
    );
    const [lacking] = await test.app.results.predictFiles({ runId: run.id, paths: [odd] });
    expect(lacking!.problem).toContain('lacks columns that the model was trained on: "color", "size"');
  });

  it('answers rows of numbers without a header where the dataset has only numbers', async () => {
    const file = path.join(test.dataDir, 'out', 'points.csv');
    const [size] = (await test.app.datasets.describe({ id: 'quadratic-noise' })).shape;
    const row = Array.from({ length: size! }, (_, i) => i / 10).join(',');
    writeFileSync(file, `${row}\n${row}\n`);
    const answers = await test.app.results.predictFiles({ runId: regression.id, paths: [file] });
    expect(answers).toHaveLength(2);
    expect(answers[0]!.problem).toBeNull();
    expect(answers[0]!.values).toStrictEqual(answers[1]!.values);
    const picture = path.join(test.dataDir, 'out', 'digit.png');
    const [refused] = await test.app.results.predictFiles({ runId: regression.id, paths: [picture] });
    expect(refused!.problem).toContain('not pictures');
    const gone = path.join(test.dataDir, 'out', 'gone.csv');
    const [missing] = await test.app.results.predictFiles({ runId: regression.id, paths: [gone] });
    expect(missing!.problem).toContain('gone.csv');
    expect(readdirSync(path.join(test.dataDir, 'temporary'))).toStrictEqual([]);
  });
});
