import type { App, Session, WebContents, WebPreferences } from 'electron';
import { isOwnPage } from './siteProtocol.ts';

/** What a page may do: the page runs as in a browser, without Node, in a sandbox of its own. */
export const pagePreferences = {
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  webviewTag: false,
  // the dictionaries of the spell checker would be downloaded
  spellcheck: false,
} as const satisfies WebPreferences;

/** The clipboard is written by copy buttons and full screen is for charts; both need a click of the user. */
const grantedPermissions: ReadonlySet<string> = new Set(['clipboard-sanitized-write', 'fullscreen']);
const localSchemes: ReadonlySet<string> = new Set(['app:', 'blob:', 'data:', 'devtools:']);

/** Nothing of this session reaches a network, and no page of it gets a permission it does not need. */
export function hardenSession(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, decide) => {
    decide(grantedPermissions.has(permission) && isOwnPage(contents.getURL()));
  });
  session.setPermissionCheckHandler((_contents, permission, origin) => {
    return grantedPermissions.has(permission) && isOwnPage(origin);
  });
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest((details, decide) => {
    const url = URL.canParse(details.url) ? new URL(details.url) : null;
    decide({ cancel: url === null || !localSchemes.has(url.protocol) });
  });
}

/** No page of the application leaves its own address, opens a window or embeds another. */
export function hardenContents(app: App): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-navigate', (event) => {
      if (!isOwnPage(event.url)) event.preventDefault();
    });
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame || !isOwnPage(event.url)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
  });
}
