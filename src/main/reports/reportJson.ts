import type { ReportData } from '../../core/reports/reportData.ts';
import { nextTurn } from '../../node/pacing.ts';

/** The text that JSON.stringify with two spaces makes of a report, a piece at a time: with every curve in it, it is long. */
export async function* reportJson(data: ReportData): AsyncGenerator<string> {
  let lead = '{\n';
  for (const [key, value] of Object.entries(data)) {
    yield `${lead}  ${JSON.stringify(key)}: `;
    lead = ',\n';
    if (!Array.isArray(value) || value.length === 0) {
      yield indented(value, '  ');
      continue;
    }
    let between = '[\n    ';
    for (const element of value as readonly unknown[]) {
      yield between + indented(element, '    ');
      between = ',\n    ';
      await nextTurn();
    }
    yield '\n  ]';
  }
  yield '\n}\n';
}

const indented = (value: unknown, by: string): string => JSON.stringify(value, null, 2).replaceAll('\n', `\n${by}`);
