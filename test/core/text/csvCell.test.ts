import { expect, it } from 'vitest';
import { csvCell } from '../../../src/core/text/csvCell.ts';

it.each([
  ['plain', 'plain'],
  ['with, comma', '"with, comma"'],
  ['with "quotes"', '"with ""quotes"""'],
  ['two\nlines', '"two\nlines"'],
  ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
  ['+1', "'+1"],
  ['-cmd', "'-cmd"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\tx', "'\tx"],
])('writes %j as a cell no spreadsheet runs', (text, cell) => {
  expect(csvCell(text)).toBe(cell);
});
