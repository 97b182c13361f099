import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { importPlace } from './importHere.ts';

const place = importPlace();
afterAll(place.remove);

it('a table whose header alone is longer than what is usually looked at is read whole, and says how it is written', async () => {
  const names = Array.from({ length: 3_000 }, (_, i) => `gene ${i} ${'with a long name '.repeat(6)}`);
  const row = (label: number, r: number): string => [...names.map((_, i) => ((i + r) % 9) / 4), label].join(';');
  const file = path.join(place.dir, 'wide.csv');
  writeFileSync(file, [[...names, 'label'].join(';'), ...[0, 1, 0, 1, 1, 0].map(row)].join('\n'));
  const { columns, rows, guess } = await place.inspectHere(file);
  expect([columns.length, rows, guess.target]).toEqual([3_001, 6, 'label']);
  expect(guess.text).toEqual({ delimiter: ';', decimal: '.', hasHeader: true, encoding: 'utf-8' });
});
