import { renderToString } from 'katex';
import type MarkdownIt from 'markdown-it';

const dollar = 0x24;
const backslash = 0x5c;

/** LaTeX as MathML, which needs no fonts and no styles; what is wrong in it is shown as it was written. */
export const typesetMath = (latex: string, isDisplay: boolean): string =>
  renderToString(latex, {
    output: 'mathml',
    displayMode: isDisplay,
    throwOnError: false,
    // notes may come from elsewhere: no links, no pictures, no endless macros, nothing printed to the console
    trust: false,
    maxExpand: 1_000,
    maxSize: 50,
    strict: 'ignore',
  });

const isSpace = (letter: string | undefined): boolean => letter === undefined || /\s/.test(letter);

/** Where a formula that begins at `start` ends: the place of the closing mark; -1 when there is none. */
function closingMark(text: string, start: number, mark: string): number {
  for (let at = text.indexOf(mark, start); at !== -1; at = text.indexOf(mark, at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

/**
 * Formulas in Markdown, as in Pandoc and on GitHub: $x$ in a line and $$x$$ by itself. A single dollar begins one only before
 * and ends one only after something that is no space, and not before a digit, so that prices stay prices.
 */
export function mathInMarkdown(parser: ReturnType<typeof MarkdownIt>): void {
  parser.inline.ruler.after('escape', 'math', (state, isSilent) => {
    const { src, pos } = state;
    if (src.charCodeAt(pos) !== dollar) return false;
    const mark = src.startsWith('$$', pos) ? '$$' : '$';
    const start = pos + mark.length;
    const end = closingMark(src, start, mark);
    const latex = src.slice(start, end);
    if (end === -1 || latex.trim() === '') return false;
    if (mark === '$' && (isSpace(latex[0]) || isSpace(latex.at(-1)) || /\d/.test(src[end + 1] ?? ''))) return false;
    if (!isSilent) {
      const token = state.push('math', 'math', 0);
      token.content = latex;
      token.markup = mark;
    }
    state.pos = end + mark.length;
    return true;
  });
  parser.renderer.rules['math'] = (tokens, i) => {
    const { content, markup } = tokens[i]!;
    const html = typesetMath(content, markup === '$$');
    return markup === '$$' ? `<span class="formula">${html}</span>` : html;
  };
}
