import MarkdownIt from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { fenced, renderNotes, safeNotes } from '../../../src/main/reports/renderNotes.ts';

describe('formulas in notes', () => {
  it('are typeset in a line and by themselves, without fonts or scripts', () => {
    const html = renderNotes('The norm $\\|x\\|_p$ falls:\n\n$$p_t = 2 + \\frac{4}{t}$$');
    expect(html.match(/<math /g)).toHaveLength(2);
    expect(html).toContain('<mfrac>');
    expect(html).toMatch(/<p><span class="formula">.*display="block"/s);
    expect(html).not.toMatch(/<script|class="katex-html"|url\(/);
  });

  it('are not what costs money, stands in code, or is marked as text', () => {
    for (const text of ['from $5 to $10', 'a $ b $ c', '`$x$`', '\\$x\\$', '$$ $$', 'open $x']) {
      expect(renderNotes(text)).not.toContain('<math');
    }
  });

  it('that are wrong or mean harm are shown as they were written', () => {
    expect(renderNotes('$\\frac{1$')).toContain('\\frac{1');
    const evil = renderNotes(
      '$\\href{javascript:alert(1)}{x}$ $\\includegraphics{http://evil/x.png}$ $\\text{<img src=x onerror=alert(1)>}$',
    );
    expect(evil).not.toMatch(/<a |<img|href="javascript|src="/);
    const endless = renderNotes('$\\def\\x{\\x\\x}\\x$');
    expect(endless.length).toBeLessThan(10_000);
  });
});

/** What a reader that obeys everything would obey. */
function obeyed(markdown: string): string[] {
  const reader = new MarkdownIt({ html: true });
  reader.validateLink = () => true;
  const found = reader.render(markdown).match(/<(?:script|img|iframe|b|a href="(?!https?:|#))[^>]*>/gi);
  return found ?? [];
}

describe('notes in a Markdown file', () => {
  it('stay as they are where nothing in them could do harm', () => {
    const notes =
      '# Why\n\nRate $\\eta < 1$, see [the paper](https://example.org) and `a < b`.\n\n> quoted\n\n```py\nx = "<b>"\n```';
    expect(safeNotes(notes)).toBe(notes);
  });

  it.each([
    '<script>alert(1)</script>',
    'words <b>bold</b> and <img src=x onerror=alert(1)>',
    '![pixel](http://evil/x.png) and ![ref][r]\n\n[r]: http://evil/y.png',
    '[click](javascript:alert(1)) [ref]\n\n[ref]: javascript:alert(2)',
    '<javascript:alert(1)>',
    '| a | b |\n| - | - |\n| ` | <script>alert(1)</script> ` |',
    '`code\n\n<script>alert(1)</script>`',
    '- ```\n<script>alert(1)</script>\n  ```',
    '[a\\](b](javascript:alert(1))',
    '&#60;b> \u202e<b>x</b>',
  ])('have nothing to obey in %j', (notes) => {
    expect(obeyed(notes).length + Number(/script|img|\[a|&#60/.test(notes))).toBeGreaterThan(0);
    const safe = safeNotes(notes);
    expect(obeyed(safe)).toStrictEqual([]);
    expect(safe).not.toContain('\u202e');
    // nothing of what was written is lost
    const [word = 'x'] = notes.match(/alert|pixel|words|click/) ?? [];
    expect(safe).toContain(word);
  });

  it('in a fence cannot close it', () => {
    expect(obeyed(fenced('```\n<script>alert(1)</script>\n`````'))).toStrictEqual([]);
  });
});
