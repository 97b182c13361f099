import { FilterError, type Comparator, type FilterNode, type TextSpan, type ValueToken } from './filterSyntax.ts';
import { tokenize, type Token } from './tokenize.ts';

/** Brackets and nots deeper than this are a mistake or an attack, not a filter. */
const deepest = 50;

/**
 * Reads a filter:
 *
 *     or         = and { "or" and }
 *     and        = not { ["and"] not }          terms side by side are joined by and
 *     not        = "not" not | "(" or ")" | field comparator value | text
 *     comparator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "contains"
 *
 * Null for a text without any term. Throws FilterError.
 */
export function parseFilter(text: string): FilterNode | null {
  const reader = new TokenReader(tokenize(text));
  if (reader.isAt('end')) return null;
  const node = parseOr(reader, 0);
  const rest = reader.peek();
  if (rest.kind === 'close') throw new FilterError(rest.span, 'This bracket closes nothing; remove it.');
  return node;
}

class TokenReader {
  private readonly tokens: readonly Token[];
  private position = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.position + ahead, this.tokens.length - 1)]!;
  }

  next(): Token {
    const token = this.peek();
    this.position++;
    return token;
  }

  isAt(kind: Token['kind']): boolean {
    return this.peek().kind === kind;
  }

  isAtWord(word: string): boolean {
    return isWord(this.peek(), word);
  }
}

function isWord(token: Token, word: string): boolean {
  return token.kind === 'word' && token.text.toLowerCase() === word;
}

const joined = (kind: 'and' | 'or', terms: FilterNode[]): FilterNode =>
  terms.length === 1 ? terms[0]! : { kind, terms };

function parseOr(reader: TokenReader, depth: number): FilterNode {
  const terms = [parseAnd(reader, depth)];
  while (reader.isAtWord('or')) {
    const { span } = reader.next();
    terms.push(parseAnd(reader, depth, { word: 'or', span }));
  }
  return joined('or', terms);
}

function parseAnd(reader: TokenReader, depth: number, after?: Joint): FilterNode {
  const terms = [parseTerm(reader, depth, after)];
  while (!reader.isAt('end') && !reader.isAt('close') && !reader.isAtWord('or')) {
    const joint = reader.isAtWord('and') ? { word: 'and', span: reader.next().span } : undefined;
    terms.push(parseTerm(reader, depth, joint));
  }
  return joined('and', terms);
}

/** The word before a term, for the message when the term is missing. */
interface Joint {
  word: string;
  span: TextSpan;
}

function parseTerm(reader: TokenReader, depth: number, after?: Joint): FilterNode {
  if (depth > deepest) throw new FilterError(reader.peek().span, `More than ${deepest} brackets inside each other.`);
  const token = reader.next();
  if (isWord(token, 'not') && reader.peek().kind !== 'comparator') {
    return { kind: 'not', term: parseTerm(reader, depth + 1, { word: 'not', span: token.span }) };
  }
  if (token.kind === 'open') return parseBrackets(reader, depth, token.span);
  const isJoint = isWord(token, 'and') || isWord(token, 'or');
  if (token.kind === 'word' || token.kind === 'quoted') {
    const comparator = isJoint ? undefined : readComparator(reader);
    if (comparator) return parseComparison(reader, token, comparator);
    if (!isJoint) return { kind: 'text', text: token.text };
  }
  if (after) throw new FilterError(after.span, `A condition is missing after "${after.word}".`);
  if (isJoint) throw new FilterError(token.span, `A condition is missing before "${token.text}".`);
  if (token.kind === 'comparator') {
    throw new FilterError(
      token.span,
      `A field is missing before "${token.text}", as in testAccuracy ${token.text} 0.95.`,
    );
  }
  throw new FilterError(token.span, 'A condition is missing here, as in optimizer = lpsgdm.');
}

function parseBrackets(reader: TokenReader, depth: number, opened: TextSpan): FilterNode {
  if (reader.isAt('close')) {
    throw new FilterError(
      { start: opened.start, end: reader.peek().span.end },
      'There is nothing between these brackets.',
    );
  }
  const inner = parseOr(reader, depth + 1);
  if (!reader.isAt('close')) throw new FilterError(opened, 'This bracket is not closed; add ) where it should end.');
  reader.next();
  return inner;
}

/** Takes a comparator, or the word `contains` where it stands between a field and a value. */
function readComparator(reader: TokenReader): { comparator: Comparator; token: Token } | undefined {
  const token = reader.peek();
  if (token.kind === 'comparator') {
    reader.next();
    return { comparator: token.comparator, token };
  }
  const value = reader.peek(1);
  const hasValue = value.kind === 'quoted' || (value.kind === 'word' && !isWord(value, 'and') && !isWord(value, 'or'));
  if (!isWord(token, 'contains') || !hasValue) return undefined;
  reader.next();
  return { comparator: '~', token };
}

function parseComparison(
  reader: TokenReader,
  field: Token,
  { comparator, token }: { comparator: Comparator; token: Token },
): FilterNode {
  const next = reader.peek();
  if (next.kind !== 'word' && next.kind !== 'quoted') {
    const span = { start: field.span.start, end: token.span.end };
    throw new FilterError(span, `A value is missing after "${field.text} ${token.text}".`);
  }
  reader.next();
  const value: ValueToken = { text: next.text, span: next.span, isQuoted: next.kind === 'quoted' };
  return { kind: 'comparison', field: field.text, fieldSpan: field.span, comparator, value };
}
