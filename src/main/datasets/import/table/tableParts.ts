import { dealParts, partCodes } from '../dealParts.ts';
import { badChoice, unreadable } from '../importErrors.ts';
import { partOfName } from '../partOfName.ts';
import { tableBlocks, type StoredTable } from './storedTable.ts';
import { noText, textOverflow } from './tableColumn.ts';
import type { TablePlan } from './tablePlan.ts';

/** Part of every kept row. `fixedParts`: part of every row of the table by its file. `y`: classes of the kept rows, if they are. */
export function tableParts(
  table: StoredTable,
  plan: TablePlan,
  {
    kept,
    rows,
    fixedParts,
    y,
  }: { kept: Uint8Array; rows: number; fixedParts: Uint8Array | null; y: Int32Array | null },
): Uint8Array {
  const { split } = plan;
  if (split.kind === 'fixed' && fixedParts) return fixedParts.filter((_, row) => kept[row] === 1);
  if (split.kind === 'column') return partsByColumn(table, plan, kept, rows);
  return dealParts(split, rows, split.kind === 'group' ? groupsOf(table, plan, kept, rows) : y);
}

/** Calls back for every kept row with the cell of the column that the split goes by: its code, and its number. */
function eachCell(
  table: StoredTable,
  plan: TablePlan,
  kept: Uint8Array,
  each: (at: number, code: number, value: number, row: number) => void,
): void {
  let at = 0;
  for (const block of tableBlocks(table)) {
    const { values, codes } = block.column(plan.splitColumn!);
    for (let i = 0; i < block.rows; i++) {
      if (kept[block.firstRow + i]) each(at++, codes === null ? noText : codes[i]!, values[i]!, block.firstRow + i);
    }
  }
}

function partsByColumn(table: StoredTable, plan: TablePlan, kept: Uint8Array, rows: number): Uint8Array {
  const { name, texts } = table.columns[plan.splitColumn!]!;
  const partOfText = texts.map(partOfName);
  const parts = new Uint8Array(rows);
  eachCell(table, plan, kept, (at, code, value, row) => {
    const part = code >= 0 ? partOfText[code]! : null;
    if (part === null) {
      const shown = code >= 0 ? `"${texts[code]!.slice(0, 80)}"` : Number.isNaN(value) ? 'no value' : String(value);
      throw unreadable(
        { file: table.file, column: name },
        `row ${row + 1} of the data has ${shown} where "train", "validation" or "test" must stand for a split by this column.`,
      );
    }
    parts[at] = part;
  });
  if (!parts.includes(partCodes.train)) throw badChoice(`No row of the column "${name}" is for training.`);
  return parts;
}

function groupsOf(table: StoredTable, plan: TablePlan, kept: Uint8Array, rows: number): Int32Array {
  const { name } = table.columns[plan.splitColumn!]!;
  const groups = new Int32Array(rows);
  const places = new Map<number | string, number>();
  eachCell(table, plan, kept, (at, code, value) => {
    if (code === textOverflow) {
      throw badChoice(`Column "${name}" of ${table.file} has too many different texts to split by.`);
    }
    // all rows without a value are one group
    const key = code >= 0 ? `text ${code}` : value;
    let group = places.get(key);
    if (group === undefined) {
      group = places.size;
      places.set(key, group);
    }
    groups[at] = group;
  });
  if (places.size < 2)
    throw badChoice(`Column "${name}" has the same value in every row: there are no groups to split by.`);
  return groups;
}
