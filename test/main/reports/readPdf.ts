import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A word on a page and its place in points, from the upper left. */
export interface PdfWord {
  text: string;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const pageSize = { width: 595, height: 842 };
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The words of every page, as pdftotext finds them. */
export function readPdf(file: string): PdfWord[][] {
  const xml = execFileSync('pdftotext', ['-bbox', file, '-'], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  return xml
    .split('<page ')
    .slice(1)
    .map((page) =>
      [
        ...page.matchAll(/<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)<\/word>/g),
      ].map(([, left, top, right, bottom, text]) => ({
        text: text!.replaceAll(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole),
        left: Number(left),
        top: Number(top),
        right: Number(right),
        bottom: Number(bottom),
      })),
    );
}

interface Margins {
  side: number;
  end: number;
}

const shown = (page: number, { text, left, top, right, bottom }: PdfWord): string =>
  `page ${page + 1}: "${text.slice(0, 40)}" at ${[left, top, right, bottom].map(Math.round).join(' ')}`;

/** Words that reach into the margins, or beyond the paper. */
export function wordsOutside(pages: readonly (readonly PdfWord[])[], { side, end }: Margins): string[] {
  return pages.flatMap((words, page) =>
    words
      .filter(
        ({ left, top, right, bottom }) =>
          left < side || right > pageSize.width - side || top < end || bottom > pageSize.height - end,
      )
      .map((word) => shown(page, word)),
  );
}

/** letters of formulas, above which accents stand */
const mathLetter = /[\u{1d400}-\u{1d7ff}]/u;

/** Pairs of words of which one covers a third of the other. Formulas are left out: their parts nest by design. */
export function overlaps(pages: readonly (readonly PdfWord[])[]): string[] {
  const found: string[] = [];
  pages.forEach((words, page) => {
    // letters fill the middle of their boxes
    const boxes = words.map((word) => {
      const height = word.bottom - word.top;
      return { word, ...word, top: word.top + 0.25 * height, bottom: word.bottom - 0.25 * height };
    });
    const sorted = boxes.toSorted((a, b) => a.top - b.top);
    sorted.forEach((a, i) => {
      for (const b of sorted.slice(i + 1)) {
        if (b.top >= a.bottom) break;
        const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (width <= 0 || height <= 0 || [a, b].some(({ text }) => mathLetter.test(text))) continue;
        const area = Math.min(...[a, b].map((box) => (box.right - box.left) * (box.bottom - box.top)));
        if (width * height > area / 3) found.push(`${shown(page, a.word)} and ${shown(page, b.word)}`);
      }
    });
  });
  return found;
}

interface GreyPage {
  width: number;
  height: number;
  pixels: Uint8Array;
}

/** The pages as pdftoppm draws them, one pixel a point. */
export function pagesOf(file: string, dir: string): GreyPage[] {
  const place = mkdtempSync(path.join(dir, 'pages-'));
  execFileSync('pdftoppm', ['-r', '72', '-gray', file, path.join(place, 'page')]);
  return readdirSync(place)
    .toSorted()
    .map((name) => {
      const bytes = readFileSync(path.join(place, name));
      const head = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.subarray(0, 40).toString('latin1'))!;
      return { width: Number(head[1]), height: Number(head[2]), pixels: bytes.subarray(head[0].length) };
    });
}

/** Pixels that are not white, in the margins of every page and within them. */
export function inkOutside(pages: readonly GreyPage[], { side, end }: Margins): { outside: number; inside: number }[] {
  return pages.map(({ width, height, pixels }) => {
    let [outside, inside] = [0, 0];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (pixels[y * width + x]! > 250) continue;
        const isOutside = x < side || x >= width - side || y < end || y >= height - end;
        if (isOutside) outside++;
        else inside++;
      }
    }
    return { outside, inside };
  });
}
