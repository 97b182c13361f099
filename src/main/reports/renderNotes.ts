import MarkdownIt from 'markdown-it';
import { plainText } from '../../core/reports/reportText.ts';
import { mathInMarkdown } from './mathInMarkdown.ts';

const isHarmlessLink = (address: string): boolean => /^https?:\/\//i.test(address) || address.startsWith('#');

/** Markdown of the author as HTML: HTML in it is text, pictures are left out, and links go to the web or stay text. */
export function renderNotes(markdown: string): string {
  const parser = new MarkdownIt({ html: false, linkify: false, typographer: false }).use(mathInMarkdown);
  parser.disable('image');
  parser.validateLink = isHarmlessLink;
  const rendered = parser.render(plainText(markdown));
  return rendered.replaceAll('<a href=', '<a rel="noopener noreferrer" href=');
}

/**
 * Markdown of the author for a Markdown file that anything may show: the same words, without HTML, pictures from elsewhere and
 * links that are none of the web. Where that cannot be had by marking them as text, all of it is shown as it was written.
 */
export function safeNotes(markdown: string): string {
  const text = plainText(markdown).trim();
  if (isHarmless(text)) return text;
  // a character that is marked as text is one wherever Markdown looks at it
  const marked = text
    .replaceAll('<', '&lt;')
    .replaceAll('![', '\\!\\[')
    .replaceAll(/\](?=[(:[])/g, '\\]');
  return isHarmless(marked) ? marked : fenced(text);
}

/** Whether a reader that obeys everything in Markdown would find nothing to obey. */
function isHarmless(markdown: string): boolean {
  const parser = new MarkdownIt({ html: true });
  parser.validateLink = () => true;
  const tokens = parser.parse(markdown, {}).flatMap((token) => [token, ...(token.children ?? [])]);
  return tokens.every((token) => {
    if (['html_block', 'html_inline', 'image'].includes(token.type)) return false;
    const address = token.attrGet('href');
    return address === null || isHarmlessLink(String(address));
  });
}

/** A fence that no line of the text can close. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}\n`;
}
