import type { Browser } from 'playwright-core';

/** What a report shows to its reader, section by section. */
export interface ReadReport {
  title: string;
  facts: string;
  verdict: string;
  sections: Record<
    string,
    { text: string; tables: string[][][]; points: { title: string; lines: [number, number][][] }[] }
  >;
  /** what the page said to the console, asked of the network, or threw */
  troubles: string[];
}

/** Opens a report in a browser without a network and reads all of it. */
export async function readReport(browser: Browser, file: string): Promise<ReadReport> {
  const context = await browser.newContext({ offline: true, viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('console', (message) => troubles.push(message.text()));
    page.on('pageerror', (error) => troubles.push(error.message));
    page.on('request', (request) => {
      if (!/^(?:file|data):/.test(request.url())) troubles.push(request.url());
    });
    await page.goto(`file://${file}`);
    const read = await page.evaluate(() => {
      const textOf = (element: Element | null | undefined): string => (element?.textContent ?? '').trim();
      const pointsOf = (line: Element): [number, number][] =>
        line
          .getAttribute('points')!
          .split(' ')
          .map((pair) => pair.split(',').map(Number) as [number, number]);
      const sections = [...document.querySelectorAll('section')].map((section) => {
        const tables = [...section.querySelectorAll('table')].map((table) =>
          [...table.querySelectorAll('tr')].map((row) => [...row.children].map(textOf)),
        );
        const points = [...section.querySelectorAll('.on-light > svg')].map((svg) => ({
          title: svg.getAttribute('aria-label')!,
          lines: [...svg.querySelectorAll('polyline')].map(pointsOf),
        }));
        return [textOf(section.querySelector('h2')), { text: textOf(section), tables, points }] as const;
      });
      return {
        title: textOf(document.querySelector('h1')),
        facts: textOf(document.querySelector('h1 + .facts')),
        verdict: textOf(document.querySelector('.verdict')),
        sections: Object.fromEntries(sections),
      };
    });
    return { ...read, troubles };
  } finally {
    await context.close();
  }
}

/** Whether a text shows a number with all the digits that a report gives. Percent signs and signs of differences are understood. */
export function shows(text: string, value: number | null | undefined): boolean {
  if (value === null || value === undefined) return text === '–' || text === '';
  const [, sign = '', digits = '', exponent = '', percent = ''] =
    /^([+−-]?)(\d+(?:\.\d+)?)(e[+-]?\d+)?(?: ?(%))?$/.exec(text.replaceAll(',', '')) ?? [];
  if (digits === '') return false;
  const shown = (sign === '' || sign === '+' ? 1 : -1) * Number(digits + exponent);
  if (percent) return digits.split('.')[1]?.length === 2 && Math.abs(shown - 100 * value) <= 0.0050001;
  // five digits, or four before a power of ten
  return Math.abs(shown - value) <= (exponent ? 5.001e-4 : 5.001e-5) * Math.abs(value);
}
