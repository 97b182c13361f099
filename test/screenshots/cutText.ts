import type { Page } from 'playwright-core';

/**
 * Texts of the page that are cut off without an ellipsis, or a page that is wider than its window: what a look at a picture
 * finds late.
 */
export function findCutText(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const holdsText = (element: Element): boolean =>
      [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
    if (document.documentElement.scrollWidth > window.innerWidth) found.push('the page is wider than the window');
    for (const element of document.body.querySelectorAll<HTMLElement>('*')) {
      if (!holdsText(element) || element.closest('.katex, .visually-hidden, textarea, [aria-hidden="true"]')) continue;
      const style = getComputedStyle(element);
      if (style.overflowX !== 'hidden' || style.textOverflow === 'ellipsis' || style.visibility === 'hidden') continue;
      if (element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1) {
        found.push(element.textContent!.trim().slice(0, 60));
      }
    }
    return found;
  });
}
