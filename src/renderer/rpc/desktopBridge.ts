/** What the preload script of the Electron window gives the page, apart from its channel. */
export interface DesktopBridge {
  /** the absolute path of a file that the user dropped on the window */
  getPathForFile(file: File): string;
}

/** undefined in a browser */
export function desktopBridge(page: Window = window): DesktopBridge | undefined {
  return (page as { lpWorkbench?: DesktopBridge }).lpWorkbench;
}
