import type { Run } from '../contract/runs.ts';
import { nearestName } from '../text/nearestName.ts';
import type { FilterField, FilterVocabulary } from './filterFields.ts';
import { FilterError, type Comparator, type FilterNode, type FilterProblem } from './filterSyntax.ts';
import { durationValue, numberValue, switchValue, textValue, timeValue } from './filterValues.ts';
import { parseFilter } from './parseFilter.ts';

export type RunPredicate = (run: Run) => boolean;

export type CompiledFilter =
  /** `isEmpty`: the text has no condition, so every run matches */
  { ok: true; matches: RunPredicate; isEmpty: boolean } | { ok: false; problem: FilterProblem };

export interface FilterContext {
  vocabulary: FilterVocabulary;
  /** what `today` is counted from */
  nowMs: number;
}

type Comparison = Extract<FilterNode, { kind: 'comparison' }>;

/**
 * Turns a filter's text into a test of a run. A run without the field that a comparison asks for does not match it.
 * Words outside comparisons are looked for in name, tags, note and id, whatever their case.
 */
export function compileFilter(text: string, context: FilterContext): CompiledFilter {
  try {
    const node = parseFilter(text);
    if (!node) return { ok: true, matches: () => true, isEmpty: true };
    return { ok: true, matches: compileNode(node, context), isEmpty: false };
  } catch (error) {
    if (error instanceof FilterError) return { ok: false, problem: error.problem };
    throw error;
  }
}

function compileNode(node: FilterNode, context: FilterContext): RunPredicate {
  switch (node.kind) {
    case 'and': {
      const terms = node.terms.map((term) => compileNode(term, context));
      return (run) => terms.every((matches) => matches(run));
    }
    case 'or': {
      const terms = node.terms.map((term) => compileNode(term, context));
      return (run) => terms.some((matches) => matches(run));
    }
    case 'not': {
      const matches = compileNode(node.term, context);
      return (run) => !matches(run);
    }
    case 'text':
      return textSearch(node.text.toLowerCase());
    case 'comparison':
      return compileComparison(node, context);
  }
}

function textSearch(wanted: string): RunPredicate {
  const isIn = (text: string): boolean => text.toLowerCase().includes(wanted);
  return (run) => isIn(run.name) || run.tags.some(isIn) || isIn(run.note) || isIn(run.id);
}

function compileComparison(node: Comparison, context: FilterContext): RunPredicate {
  const field = findField(node, context.vocabulary);
  switch (field.kind) {
    case 'number':
      return compareNumbers(field, node, numberValue(field, node.value));
    case 'duration':
      return compareNumbers(field, node, durationValue(field, node.value));
    case 'time':
      return compareTimes(field, node, context.nowMs);
    case 'switch': {
      refuseAllBut(['=', '!='], field, node);
      const wanted = switchValue(field, node.value) === (node.comparator === '=');
      return (run) => field.read(run) === wanted;
    }
    case 'text':
      return compareTexts(field, node);
    case 'list':
      return compareLists(field, node);
  }
}

function findField(node: Comparison, vocabulary: FilterVocabulary): FilterField {
  const field = vocabulary.find(node.field);
  if (field) return field;
  const near = nearestName(
    node.field,
    vocabulary.fields.map(({ name }) => name),
  );
  throw new FilterError(
    node.fieldSpan,
    `There is no field "${node.field}"${near ? `; did you mean "${near}"?` : '; for example optimizer, learningRate, testAccuracy, status or tag.'}`,
  );
}

const kindNames = {
  number: 'a number',
  duration: 'a length of time',
  time: 'a date',
  switch: 'yes or no',
  text: 'text',
  list: 'a list of texts',
} as const;

function refuseAllBut(allowed: readonly Comparator[], field: FilterField, node: Comparison): void {
  if (allowed.includes(node.comparator)) return;
  const words = `${allowed.slice(0, -1).join(', ')} or ${allowed.at(-1)}`;
  throw new FilterError(
    { start: node.fieldSpan.start, end: node.value.span.end },
    `${field.name} is ${kindNames[field.kind]}: compare it with ${words}, not with ${node.comparator}.`,
  );
}

const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));

const numberTests: Readonly<Record<Exclude<Comparator, '~'>, (value: number, wanted: number) => boolean>> = {
  '=': isNear,
  '!=': (value, wanted) => !isNear(value, wanted),
  '<': (value, wanted) => value < wanted,
  '<=': (value, wanted) => value < wanted || isNear(value, wanted),
  '>': (value, wanted) => value > wanted,
  '>=': (value, wanted) => value > wanted || isNear(value, wanted),
};

function compareNumbers(field: FilterField, node: Comparison, wanted: number): RunPredicate {
  refuseAllBut(['=', '!=', '<', '<=', '>', '>='], field, node);
  const test = numberTests[node.comparator as Exclude<Comparator, '~'>];
  return (run) => {
    const value = field.read(run);
    return typeof value === 'number' && test(value, wanted);
  };
}

/** A date stands for its whole day: `created = 2026-01-31` is any time of that day, `>` is after its end. */
function compareTimes(field: FilterField, node: Comparison, nowMs: number): RunPredicate {
  refuseAllBut(['=', '!=', '<', '<=', '>', '>='], field, node);
  const { startMs, endMs } = timeValue(field, node.value, nowMs);
  const tests: Readonly<Record<string, (atMs: number) => boolean>> = {
    '=': (atMs) => atMs >= startMs && atMs < endMs,
    '!=': (atMs) => atMs < startMs || atMs >= endMs,
    '<': (atMs) => atMs < startMs,
    '<=': (atMs) => atMs < endMs,
    '>': (atMs) => atMs >= endMs,
    '>=': (atMs) => atMs >= startMs,
  };
  const test = tests[node.comparator]!;
  return (run) => {
    const value = field.read(run);
    return typeof value === 'number' && test(value);
  };
}

function compareTexts(field: FilterField, node: Comparison): RunPredicate {
  refuseAllBut(['=', '!=', '~'], field, node);
  const { comparator } = node;
  const wanted = textValue(field, node.value, comparator !== '~');
  return (run) => {
    const value = field.read(run);
    if (typeof value !== 'string') return false;
    const text = value.toLowerCase();
    if (comparator === '~') return text.includes(wanted);
    return (text === wanted) === (comparator === '=');
  };
}

/** `=` and `~` ask for any element, `!=` for none that is equal; an empty text stands for an empty list. */
function compareLists(field: FilterField, node: Comparison): RunPredicate {
  refuseAllBut(['=', '!=', '~'], field, node);
  const { comparator } = node;
  const wanted = textValue(field, node.value, false);
  return (run) => {
    const value = field.read(run);
    if (!Array.isArray(value)) return false;
    const items: readonly string[] = value;
    if (comparator === '~') return items.some((item) => item.toLowerCase().includes(wanted));
    const has = wanted === '' ? items.length === 0 : items.some((item) => item.toLowerCase() === wanted);
    return has === (comparator === '=');
  };
}
