import path from 'node:path';
import { app, BrowserWindow } from 'electron';

/** Opens the window with the built renderer, isolated and sandboxed. */
async function openWindow(): Promise<void> {
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    show: false,
    webPreferences: {
      preload: path.join(import.meta.dirname, '../preload/index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  window.webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
  window.webContents.on('will-navigate', (event) => event.preventDefault());
  await window.loadFile(path.join(import.meta.dirname, '../renderer/index.html'));
}

app.on('window-all-closed', () => app.quit());
await app.whenReady();
await openWindow();
