import { FilterError, type Comparator, type TextSpan } from './filterSyntax.ts';

export type Token =
  | { kind: 'word' | 'quoted'; text: string; span: TextSpan }
  | { kind: 'comparator'; comparator: Comparator; text: string; span: TextSpan }
  | { kind: 'open' | 'close' | 'end'; text: string; span: TextSpan };

const comparators: Readonly<Record<string, Comparator>> = {
  '=': '=',
  '==': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '≤': '<=',
  '>': '>',
  '>=': '>=',
  '≥': '>=',
  '~': '~',
};

/** Words that other languages have for ours. */
const foreign: Readonly<Record<string, string>> = { '&&': 'and', '&': 'and', '||': 'or', '|': 'or', '!': 'not' };

const pattern =
  /\s+|(?<comparator>[=<>!]=|<>|[=<>~≤≥])|(?<foreign>&&?|\|\|?|!)|(?<paren>[()])|(?<quote>["'])|(?<word>[^\s=<>~≤≥!()"'&|]+)/y;

/** The tokens of a filter, closed by an `end`. Throws FilterError. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < text.length) {
    pattern.lastIndex = position;
    const groups = pattern.exec(text)?.groups ?? {};
    const start = position;
    position = pattern.lastIndex;
    const span = { start, end: position };
    if (groups['comparator'] !== undefined) {
      tokens.push({
        kind: 'comparator',
        comparator: comparators[groups['comparator']]!,
        text: groups['comparator'],
        span,
      });
    } else if (groups['foreign'] !== undefined) {
      throw new FilterError(span, `Write "${foreign[groups['foreign']]}" in place of "${groups['foreign']}".`);
    } else if (groups['paren'] !== undefined) {
      tokens.push({ kind: groups['paren'] === '(' ? 'open' : 'close', text: groups['paren'], span });
    } else if (groups['quote'] !== undefined) {
      const token = readQuoted(text, start);
      tokens.push(token);
      position = token.span.end;
    } else if (groups['word'] !== undefined) {
      pushWord(tokens, groups['word'], span);
    }
  }
  tokens.push({ kind: 'end', text: '', span: { start: text.length, end: text.length } });
  return tokens;
}

/** A lone percent sign belongs to the number before it: `95 %`. */
function pushWord(tokens: Token[], text: string, span: TextSpan): void {
  const before = tokens.at(-1);
  if (text === '%' && before?.kind === 'word' && Number.isFinite(Number(before.text))) {
    tokens[tokens.length - 1] = {
      ...before,
      text: `${before.text}%`,
      span: { start: before.span.start, end: span.end },
    };
  } else {
    tokens.push({ kind: 'word', text, span });
  }
}

/** A text between quotes; a backslash takes the next character as it is. */
function readQuoted(text: string, start: number): Token {
  const quote = text[start];
  let content = '';
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === quote) return { kind: 'quoted', text: content, span: { start, end: i + 1 } };
    if (text[i] === '\\' && i + 1 < text.length) i++;
    content += text[i];
  }
  throw new FilterError({ start, end: text.length }, `This text has no closing ${quote}; add one at its end.`);
}
