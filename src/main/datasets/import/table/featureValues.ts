import type { ColumnBlock } from './storedTable.ts';
import { noText } from './tableColumn.ts';
import type { FeaturePlan } from './tablePlan.ts';

/** A column's cells as numbers: themselves, or the place of their category. NaN where there is none. */
export function featureValues({ categories }: FeaturePlan, { values, codes }: ColumnBlock): Float64Array {
  // dates have codes too, and their numbers are the days
  if (categories === null) return values;
  const places = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const code = codes === null ? noText : codes[i]!;
    const place = code === noText ? categories.byNumber.get(values[i]!) : categories.byText[code];
    places[i] = place ?? Number.NaN;
  }
  return places;
}
