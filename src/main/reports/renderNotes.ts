import MarkdownIt from 'markdown-it';
import { plainText } from '../../core/reports/reportText.ts';

/** Markdown of the author as HTML: HTML in it is text, pictures are left out, and links go to the web or stay text. */
export function renderNotes(markdown: string): string {
  const parser = new MarkdownIt({ html: false, linkify: false, typographer: false });
  parser.disable('image');
  parser.validateLink = (address) => /^https?:\/\//i.test(address) || address.startsWith('#');
  const rendered = parser.render(plainText(markdown));
  return rendered.replaceAll('<a href=', '<a rel="noopener noreferrer" href=');
}
