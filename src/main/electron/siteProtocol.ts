import { readFile } from 'node:fs/promises';
import { protocol, type Session } from 'electron';
import { securityHeaders } from '../site/securityHeaders.ts';
import { findSiteFile } from '../site/siteFile.ts';

const scheme = 'app';
const host = 'workbench';

/** Where the page of the window lives. A scheme of its own gives it an origin that no web page shares. */
export const siteOrigin = `${scheme}://${host}`;
export const siteAddress = `${siteOrigin}/index.html`;

/** To be called before the application is ready. */
export function declareSiteScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Whether an address is a page of the workbench itself. */
export function isOwnPage(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : null;
  return url?.protocol === `${scheme}:` && url.host === host;
}

/** Answers app://workbench/... from the folder of the built renderer, and nothing else. */
export function serveSite(session: Session, siteDir: string): void {
  session.protocol.handle(scheme, async (request) => {
    const refuse = (status: number): Response => new Response(null, { status, headers: securityHeaders });
    if (!isOwnPage(request.url)) return refuse(404);
    if (request.method !== 'GET') return refuse(405);
    const file = await findSiteFile(siteDir, new URL(request.url).pathname);
    if (file === null) return refuse(404);
    return new Response(new Uint8Array(await readFile(file.path)), {
      headers: { ...securityHeaders, 'Content-Type': file.contentType },
    });
  });
}
