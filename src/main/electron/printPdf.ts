import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BrowserWindow, session } from 'electron';
import { pagePreferences } from './hardening.ts';

const partition = 'report';

/** Prints a page to a PDF file in a window that is never shown, runs no script and loads nothing but the page. */
export async function printPdf(html: string, file: string): Promise<void> {
  const dir = await mkdtemp(path.join(tmpdir(), 'lp-workbench-print-'));
  session.fromPartition(partition).webRequest.onBeforeRequest(({ url }, decide) => {
    decide({ cancel: !/^(?:file|data):/.test(url) });
  });
  const window = new BrowserWindow({
    show: false,
    skipTaskbar: true,
    webPreferences: { ...pagePreferences, javascript: false, partition },
  });
  try {
    const page = path.join(dir, 'report.html');
    await writeFile(page, html);
    await window.loadFile(page);
    const pdf = await window.webContents.printToPDF({ printBackground: true, preferCSSPageSize: true });
    await writeFile(file, pdf, { flag: 'wx' });
  } finally {
    window.destroy();
    await rm(dir, { recursive: true, force: true });
  }
}
