import { Menu, type MenuItemConstructorOptions } from 'electron';

export interface MenuActions {
  /** shows a view by its address behind the # */
  go(route: string): void;
  openDataFolder(): void;
  isMac: boolean;
}

/** The menu of the window; its shortcuts work wherever the focus is. */
export function buildMenu({ go, openDataFolder, isMac }: MenuActions): Menu {
  const view = (label: string, route: string, accelerator: string): MenuItemConstructorOptions => ({
    label,
    accelerator,
    click: () => go(route),
  });
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const template: MenuItemConstructorOptions[] = [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        view('New run', '/new', 'CmdOrCtrl+N'),
        view('Import a dataset', '/datasets/import', 'CmdOrCtrl+O'),
        separator,
        { label: 'Open data folder', click: openDataFolder },
        view('Settings', '/settings', 'CmdOrCtrl+,'),
        separator,
        isMac ? { role: 'close' } : { role: 'quit', accelerator: 'CmdOrCtrl+Q' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&Go',
      submenu: [
        view('Runs', '/runs', 'CmdOrCtrl+1'),
        view('Compare', '/compare', 'CmdOrCtrl+2'),
        view('Queue', '/queue', 'CmdOrCtrl+3'),
        view('Datasets', '/datasets', 'CmdOrCtrl+4'),
        view('Devices', '/devices', 'CmdOrCtrl+5'),
      ],
    },
    {
      label: '&View',
      submenu: [
        { role: 'reload' },
        { role: 'toggleDevTools' },
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
  ];
  return Menu.buildFromTemplate(template);
}
