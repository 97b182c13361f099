import { BrowserWindow, nativeTheme, screen } from 'electron';
import { pagePreferences } from './hardening.ts';
import { crashMark } from '../../core/rpc/pageChannel.ts';
import { siteAddress } from './siteProtocol.ts';
import { onScreen, type WindowStateFile } from './windowState.ts';

export interface MainWindowOptions {
  preload: string;
  stateFile: WindowStateFile;
  /** The page died more often than reloading it can be the answer. */
  onHopeless: () => void;
}

/** The page's own backgrounds (see src/renderer/index.html), so that the window has its colour before the page is there. */
const background = { dark: '#16181d', light: '#f6f7f9' } as const;
const backgroundNow = (): string => (nativeTheme.shouldUseDarkColors ? background.dark : background.light);

const crashWindowMs = 60_000;
const toleratedCrashes = 3;

/** Opens the window at the size and place it had, in its colour, at once; the page follows. */
export function openMainWindow({ preload, stateFile, onHopeless }: MainWindowOptions): BrowserWindow {
  const stored = stateFile.read();
  const { x, y, width, height, isMaximized } = onScreen(
    stored,
    screen.getAllDisplays().map((display) => display.workArea),
  );
  const window = new BrowserWindow({
    ...(x === undefined || y === undefined ? {} : { x, y }),
    width,
    height,
    minWidth: 800,
    minHeight: 500,
    title: 'lp-workbench',
    backgroundColor: backgroundNow(),
    webPreferences: { ...pagePreferences, preload },
  });
  if (isMaximized) window.maximize();

  const onTheme = (): void => window.setBackgroundColor(backgroundNow());
  nativeTheme.on('updated', onTheme);
  window.on('close', () => {
    stateFile.write({ ...window.getNormalBounds(), isMaximized: window.isMaximized(), theme: nativeTheme.themeSource });
  });
  window.on('closed', () => nativeTheme.off('updated', onTheme));
  reloadAfterCrash(window, onHopeless);
  return window;
}

/** Runs train in other processes and their metrics are in the database, so a new page shows everything again. */
function reloadAfterCrash(window: BrowserWindow, onHopeless: () => void): void {
  let crashesMs: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    const nowMs = Date.now();
    crashesMs = [...crashesMs.filter((atMs) => nowMs - atMs < crashWindowMs), nowMs];
    if (crashesMs.length > toleratedCrashes) onHopeless();
    else window.loadURL(crashAddress(window)).catch(() => undefined);
  });
}

/** The view that the page showed, with the word on which it tells the user what happened. */
function crashAddress(window: BrowserWindow): string {
  return `${siteAddress}?${crashMark}${new URL(window.webContents.getURL()).hash}`;
}

/** Shows a view without loading the page anew. */
export function showView(window: BrowserWindow, route: string): void {
  const address = `${siteAddress}#${route}`;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
  if (window.webContents.getURL() === address) return;
  // rejects when another view is asked for before this one is there
  window.webContents.loadURL(address).catch(() => undefined);
}
