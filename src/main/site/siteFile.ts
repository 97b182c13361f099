import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';

/** A file of the built renderer. */
export interface SiteFile {
  path: string;
  bytes: number;
  contentType: string;
  /** its name changes with its content, so it may be kept for ever */
  isImmutable: boolean;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

/**
 * The file of a folder that a URL path names, or null. Nothing outside the folder is ever answered: not through `..`,
 * not encoded, not with backslashes, not through a link that leads out, and no file whose name begins with a dot.
 */
export async function findSiteFile(siteDir: string, urlPath: string): Promise<SiteFile | null> {
  const names = namesIn(urlPath);
  if (names === null) return null;
  try {
    const root = await realpath(siteDir);
    const file = await realpath(path.join(root, ...(names.length > 0 ? names : ['index.html'])));
    const inside = path.relative(root, file);
    if (inside === '' || inside.startsWith('..') || path.isAbsolute(inside)) return null;
    const found = await stat(file);
    const contentType = contentTypes[path.extname(file).toLowerCase()];
    if (!found.isFile() || contentType === undefined) return null;
    return { path: file, bytes: found.size, contentType, isImmutable: names[0] === 'assets' };
  } catch {
    return null;
  }
}

/** The names between the slashes, or null when one of them is none of ours. */
function namesIn(urlPath: string): string[] | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(urlPath);
  } catch {
    return null;
  }
  const names = decoded.split('/').filter((name) => name !== '');
  const isName = (name: string): boolean => !name.startsWith('.') && !/[\\:\0]/.test(name);
  return names.every(isName) ? names : null;
}

/** Whether the renderer was built into a folder. */
export async function isSiteBuilt(siteDir: string): Promise<boolean> {
  return (await findSiteFile(siteDir, '/index.html')) !== null;
}
