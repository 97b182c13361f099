import type { Run } from '../../../src/core/contract/runs.ts';
import type { Study } from '../../../src/core/contract/studies.ts';
import { smallRun, type TestApp } from '../services/testApp.ts';

/** HTML, a formula, Markdown, a link that is a script, and a turn of the direction of text. */
export const evilName =
  '<img src=x onerror=alert(1)> =HYPERLINK("http://evil") | `code` [link](javascript:alert(1)) \u202eright to left';
/** As long as a name may be, without a place to break it. */
export const longName = `${'supercalifragilistic'.repeat(24)}_very_end`;

export interface ReportScene {
  /** of handwritten digits, whose samples are pictures */
  digits: Run;
  /** two settings over three seeds */
  study: Study;
  studyRuns: Run[];
  /** settings of all kinds, with names that try to do harm or to fill pages */
  odd: Run[];
  /** of a table whose classes have such names */
  table: Run;
}

const seeds = [0, 1, 2];

/** Trains for real what reports are made of. */
export async function trainScene(
  { app, runs, train, untilStatus, untilStudy }: TestApp,
  writeFile: (name: string, text: string) => string,
): Promise<ReportScene> {
  const done = async (run: Run): Promise<Run> => untilStatus(run, 'completed', 'failed');
  const digits = await train(
    smallRun({ epochs: 12, learningRate: { base: 0.01 }, split: { test: 0.2, validation: 0.1 } }),
    'LPSGDM on digits',
  );
  const optimizers = [
    { id: 'lpsgdm', label: 'LPSGDM', settings: { 'learningRate.base': 0.01 } },
    { id: 'sgdm', label: 'SGD with momentum', settings: { 'learningRate.base': 0.05 } },
  ];
  const { id } = await app.studies.create({
    name: 'LPSGDM beside SGDM on digits',
    spec: { base: { ...smallRun({ epochs: 8 }) }, optimizers, seeds },
  });
  await app.studies.start({ studyId: id });
  const odd = [
    await train(smallRun({ optimizer: { id: 'adamw' }, learningRate: { base: 0.002 } }), evilName),
    await train(smallRun({ optimizer: { id: 'lion' }, learningRate: { base: 0.0003 } }), longName),
    await train(smallRun({ learningRate: { base: 0.004, kind: 'cosine' } }), 'مرحبا \u202e abc'),
  ];
  const classNames = [
    '<script>alert(1)</script>',
    `"=1+1" ${'w'.repeat(90)}`,
    '\u202edrow',
    'plain',
    '| `a` *b*',
    '日本語のクラス名',
  ];
  const rows = Array.from({ length: 120 }, (_, i) => {
    const name = classNames[i % classNames.length]!.replaceAll('"', '""');
    return `${((i * 37) % 101) / 10},${((i * 53) % 89) / 10 + (i % classNames.length)},"${name}"`;
  });
  const source = writeFile('things.csv', `first,second,kind\n${rows.join('\n')}\n`);
  const { meta } = await app.datasets.import({ importId: 'things', choices: { paths: [source], target: 'kind' } });
  const table = await train(smallRun({ dataset: { id: meta.id } }), 'classes with odd names');

  const study = await untilStudy({ id }, ({ status }) => status === 'completed');
  const scene = { digits: await done(digits), odd: [] as Run[], table: await done(table) };
  for (const run of odd) scene.odd.push(await done(run));
  const studyRuns = [];
  for (const { runId } of study.runs) studyRuns.push(await runs.get({ runId: runId! }));
  return { ...scene, study, studyRuns };
}
