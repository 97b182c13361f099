import Papa from 'papaparse';
import { expect, it } from 'vitest';
import { createGenerator } from '../../../../src/core/random/generator.ts';
import { CsvScanner } from '../../../../src/main/datasets/import/readers/csvScanner.ts';

/** Cells of rows: texts, and as numbers those that were read so; and the line of each row. */
interface Scanned {
  rows: (string | number)[][];
  lines: number[];
}

function scan(text: string, pieceBytes: number, decimal: number | null): Scanned {
  const bytes = new TextEncoder().encode(text);
  const scanned: Scanned = { rows: [], lines: [] };
  let row: (string | number)[] = [];
  const scanner = new CsvScanner(
    { file: 'x' },
    0x2c,
    {
      cell: (from, start, end) => void row.push(new TextDecoder().decode(from.subarray(start, end))),
      number: (value) => void row.push(value),
      endRow(cells, line) {
        expect(cells).toBe(row.length);
        scanned.rows.push(row);
        scanned.lines.push(line);
        row = [];
      },
    },
    decimal,
  );
  for (let at = 0; at < bytes.length; at += pieceBytes) scanner.push(bytes.subarray(at, at + pieceBytes));
  scanner.end();
  return scanned;
}

const cells =
  '0 -0 7 007 -12.5 .5 5. -.25 0.1 123456789 1234567890 2147483648 0.123456789 999999999 -999999999.9 1.5e3 +4 - . 1.2.3 12a red ä --1 1-1'
    .split(' ')
    .concat('', ' 8', '8 ');

/** Every sort of cell in rows of three, with line ends of both kinds and blank lines between. */
function textOf(seed: number, hasQuotes: boolean): string {
  const generator = createGenerator(seed, 'test/csv');
  const cell = (): string => {
    const text = cells[generator.nextInt(cells.length)]!;
    return hasQuotes && generator.nextInt(4) === 0 ? `"${text},""\n"` : text;
  };
  const end = (): string => ['\n', '\r\n', '\n\n'][generator.nextInt(3)]!;
  const rows = Array.from({ length: 40 }, () => `${cell()},${cell()},${cell()}`);
  return rows.map((row) => row + end()).join('');
}

it.each([false, true])('cells are those that Papa Parse finds, wherever pieces end; quotes: %s', (hasQuotes) => {
  for (let seed = 0; seed < 30; seed++) {
    const text = textOf(seed, hasQuotes);
    const { data } = Papa.parse<string[]>(text.replaceAll('\r\n', '\n'), {
      delimiter: ',',
      newline: '\n',
      skipEmptyLines: true,
    });
    for (const pieceBytes of [1, 7, 64, 10_000]) {
      expect(scan(text, pieceBytes, null).rows).toEqual(data);
      const { rows, lines } = scan(text, pieceBytes, 0x2e);
      expect(lines).toEqual(scan(text, 10_000, null).lines);
      const asText = rows.map((row, r) =>
        row.map((value, c) => {
          if (typeof value === 'string') return value;
          // what was read as a number is the number that its text means, to the last bit
          expect(Object.is(value, Number(data[r]![c]))).toBe(true);
          return data[r]![c]!;
        }),
      );
      expect(asText).toEqual(data);
    }
  }
});

it('plain numbers of nine digits are read on the way, with a point or a comma', () => {
  expect(scan('1.5,-2,abc\n', 100, 0x2e).rows).toEqual([[1.5, -2, 'abc']]);
  expect(scan('123456789,1234567890,1e3\r\n', 100, 0x2e).rows).toEqual([[123_456_789, '1234567890', '1e3']]);
  const generator = createGenerator(5, 'test/plain');
  const texts = Array.from({ length: 20_000 }, () => {
    const digits = String(generator.nextInt(10 ** (1 + generator.nextInt(9))));
    const point = generator.nextInt(digits.length + 1);
    return `${generator.nextInt(2) ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
  });
  const { rows } = scan(`${texts.join('\n')}\n`, 1_000, 0x2e);
  expect(rows.flat().every((value, i) => Object.is(value, Number(texts[i])))).toBe(true);
});
