import type { FilterField, FilterVocabulary } from './filterFields.ts';
import type { TextSpan } from './filterSyntax.ts';

export interface FilterCompletion {
  /** what to put in place of `span` */
  text: string;
  description: string;
  span: TextSpan;
}

const comparatorsOf = (field: FilterField): readonly string[] => {
  if (field.kind === 'text' || field.kind === 'list') return ['=', '!=', '~'];
  return field.kind === 'switch' ? ['=', '!='] : ['=', '<', '<=', '>', '>='];
};

/** The piece that the cursor stands behind, and what stands before it. */
const tail = /(?:([^\s()=<>~!"']+)\s*([=<>!]=|[=<>~]|contains(?=\s))\s*)?([^\s()=<>~!"']*)$/i;

/** What could be written at the cursor: fields, or the values of a field whose list is closed. Best first. */
export function completeFilter(
  text: string,
  cursor: number,
  vocabulary: FilterVocabulary,
  options: { most: number; valuesOf?: (field: FilterField) => readonly string[] },
): FilterCompletion[] {
  const before = text.slice(0, cursor);
  const [, fieldName, comparator, begun = ''] = tail.exec(before) ?? [];
  const span = { start: cursor - begun.length, end: cursor };
  const wanted = begun.toLowerCase();
  if (fieldName !== undefined && comparator !== undefined) {
    const field = vocabulary.find(fieldName);
    const values = field ? (field.choices ?? options.valuesOf?.(field) ?? []) : [];
    return ranked(values, wanted, (value) => value)
      .filter((value) => value !== begun)
      .slice(0, options.most)
      .map((value) => ({ text: /^[\w.-]+$/.test(value) ? value : JSON.stringify(value), description: '', span }));
  }
  if (begun === '') return [];
  const exact = vocabulary.find(begun);
  const signs = exact
    ? comparatorsOf(exact).map((sign) => ({ text: `${exact.name} ${sign} `, description: exact.description, span }))
    : [];
  const names = ranked(vocabulary.fields, wanted, ({ name }) => name)
    .filter((field) => field !== exact)
    .map((field) => ({ text: `${field.name} `, description: field.description, span }));
  return [...signs, ...names].slice(0, options.most);
}

/** Those that begin with the text, then those that have it inside; short names first. */
function ranked<Item>(items: readonly Item[], wanted: string, nameOf: (item: Item) => string): Item[] {
  const places = items.map((item) => ({ item, name: nameOf(item), place: nameOf(item).toLowerCase().indexOf(wanted) }));
  return places
    .filter(({ place }) => place >= 0)
    .toSorted((a, b) => Math.sign(a.place) - Math.sign(b.place) || a.name.length - b.name.length)
    .map(({ item }) => item);
}
