import { expect, it } from 'vitest';
import type { ReportData } from '../../../src/core/reports/reportData.ts';
import { reportJson } from '../../../src/main/reports/reportJson.ts';

it('a report in pieces is the text that it is as a whole', async () => {
  const data = {
    format: 'lp-workbench-report',
    title: 'two\nlines, "quoted", a line separator\u2028 and \u{1f600}',
    runs: [
      { final: { loss: 1e-9, accuracy: null }, tags: [] },
      { final: {}, tags: ['a\nb'] },
    ],
    curves: [],
    differences: [['nested', [1, 2]], []],
    verdict: { sentence: '', rule: '' },
    studyId: null,
  } as unknown as ReportData;
  let text = '';
  for await (const piece of reportJson(data)) text += piece;
  expect(text).toBe(`${JSON.stringify(data, null, 2)}\n`);
});
