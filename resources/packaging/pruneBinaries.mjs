import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/**
 * The packages that carry binaries of several platforms: where they lie, and which of them is that of a platform as Node
 * names it.
 * @type {readonly {folder: string, belongs: (name: string, platform: string, arch: string) => boolean}[]}
 */
const carriers = [
  {
    folder: 'webgpu/dist',
    belongs: (name, platform, arch) => name === (platform === 'darwin' ? 'darwin-universal' : `${platform}-${arch}`),
  },
  { folder: 'onnxruntime-node/bin/napi-v6', belongs: (name, platform) => name === platform },
  {
    folder: 'better-sqlite3/prebuilds',
    belongs: (name, platform, arch) =>
      name === `${platform}-${arch}.node` || (platform === 'linux' && name === `linuxmusl-${arch}.node`),
  },
  {
    folder: '@img',
    belongs: (name, platform, arch) => !name.startsWith('sharp-') || new RegExp(`-${platform}(musl)?-${arch}$`).test(name),
  },
];

/**
 * Removes from a folder of packages the binaries of all platforms but one. Answers what it removed.
 * @param {string} nodeModules
 * @param {string} platform linux, darwin or win32
 * @param {string} arch x64 or arm64
 * @returns {string[]}
 */
export function pruneBinaries(nodeModules, platform, arch) {
  const perArch = { folder: `onnxruntime-node/bin/napi-v6/${platform}`, belongs: (/** @type {string} */ name) => name === arch };
  const removed = [];
  for (const { folder, belongs } of [...carriers, perArch]) {
    const place = path.join(nodeModules, folder);
    if (!existsSync(place)) continue;
    for (const name of readdirSync(place)) {
      if (belongs(name, platform, arch)) continue;
      rmSync(path.join(place, name), { recursive: true, force: true });
      removed.push(`${folder}/${name}`);
    }
  }
  return removed;
}

const archNames = ['ia32', 'x64', 'armv7l', 'arm64', 'universal'];

/**
 * What electron-builder calls when the folder is filled.
 * @param {{appOutDir: string, electronPlatformName: string, arch: number, packager: {appInfo: {productFilename: string}}}} context
 */
export default function afterPack({ appOutDir, electronPlatformName, arch, packager }) {
  const isMac = electronPlatformName === 'darwin';
  const resources = isMac ? `${packager.appInfo.productFilename}.app/Contents/Resources` : 'resources';
  pruneBinaries(path.join(appOutDir, resources, 'app/node_modules'), electronPlatformName, archNames[arch] ?? process.arch);
}
