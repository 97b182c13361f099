import type { Page } from 'playwright-core';

/** Drops what lies at a path on the window as the system does, and answers what the window says meanwhile. */
export async function dropFile(page: Page, path: string): Promise<string> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  const at = { x: 600, y: 300, data };
  await session.send('Input.dispatchDragEvent', { type: 'dragEnter', ...at });
  await session.send('Input.dispatchDragEvent', { type: 'dragOver', ...at });
  const overlay = page.getByText('Drop to import');
  await overlay.waitFor();
  const said = await overlay.innerText();
  await session.send('Input.dispatchDragEvent', { type: 'drop', ...at });
  await session.detach();
  return said;
}
