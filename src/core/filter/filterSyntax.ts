/** A stretch of the filter text. */
export interface TextSpan {
  /** characters from 0 */
  start: number;
  end: number;
}

export type Comparator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~';

/** What a filter says, before anything is known about fields. */
export type FilterNode =
  | { kind: 'and' | 'or'; terms: FilterNode[] }
  | { kind: 'not'; term: FilterNode }
  | { kind: 'text'; text: string }
  | { kind: 'comparison'; field: string; fieldSpan: TextSpan; comparator: Comparator; value: ValueToken };

/** The right side of a comparison as it was written. */
export interface ValueToken {
  text: string;
  span: TextSpan;
  isQuoted: boolean;
}

/** Why a filter cannot be used, and where in its text. */
export interface FilterProblem {
  span: TextSpan;
  /** one sentence: what is wrong and what to write instead */
  message: string;
}

/** Leaves the parser or the compiler; never leaves this folder. */
export class FilterError extends Error {
  readonly problem: FilterProblem;

  constructor(span: TextSpan, message: string) {
    super(message);
    this.problem = { span, message };
  }
}
