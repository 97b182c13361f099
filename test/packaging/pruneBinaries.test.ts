import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
// @ts-expect-error a plain module, as electron-builder wants its hooks
import afterPack from '../../resources/packaging/pruneBinaries.mjs';

const installed = path.resolve(import.meta.dirname, '../../node_modules');
const carriers = ['webgpu/dist', 'onnxruntime-node/bin/napi-v6', 'better-sqlite3/prebuilds', '@img'];

/** The folders of the real packages, their files empty, as a packaged program holds them. */
function packagedFolder(): string {
  const root = mkdtempSync(path.join(tmpdir(), 'lp-packaged-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const nodeModules = path.join(root, 'resources/app/node_modules');
  for (const folder of carriers) {
    const target = path.join(nodeModules, folder);
    mkdirSync(target, { recursive: true });
    cpSync(path.join(installed, folder), target, {
      recursive: true,
      filter: (source, destination) => {
        const isFile = /\.(node|dll|so[.\d]*|dylib|json|js|md|h)$|LICENSE/.test(source);
        if (isFile) writeFileSync(destination, '');
        return !isFile;
      },
    });
  }
  for (const name of ['sharp-darwin-arm64', 'sharp-win32-x64', 'sharp-linuxmusl-x64']) {
    mkdirSync(path.join(nodeModules, '@img', name), { recursive: true });
  }
  return root;
}

it.each([
  ['linux', 1, ['linux-x64'], ['linux/x64'], ['linux-x64.node', 'linuxmusl-x64.node']],
  ['win32', 3, ['win32-arm64'], ['win32/arm64'], ['win32-arm64.node']],
  ['darwin', 3, ['darwin-universal'], ['darwin/arm64'], ['darwin-arm64.node']],
] as const)('a folder for %s carries its binaries and no others', (platform, arch, webgpu, onnx, sqlite) => {
  const root = packagedFolder();
  const isMac = platform === 'darwin';
  const appOutDir = root;
  const resources = isMac ? 'lp-workbench.app/Contents/Resources' : 'resources';
  if (isMac) cpSync(path.join(root, 'resources'), path.join(root, resources), { recursive: true });
  afterPack({
    appOutDir,
    electronPlatformName: platform,
    arch,
    packager: { appInfo: { productFilename: 'lp-workbench' } },
  });
  const modules = path.join(root, resources, 'app/node_modules');
  const names = (folder: string): string[] => readdirSync(path.join(modules, folder)).toSorted();
  expect(names('webgpu/dist')).toEqual(webgpu);
  const runtime = 'onnxruntime-node/bin/napi-v6';
  expect(names(runtime).flatMap((system) => names(`${runtime}/${system}`).map((each) => `${system}/${each}`))).toEqual(
    onnx,
  );
  expect(names('better-sqlite3/prebuilds')).toEqual(sqlite);
  expect(
    names('@img')
      .filter((name) => name.startsWith('sharp-'))
      .every((name) => name.includes(`-${platform}`)),
  ).toBe(true);
  expect(existsSync(path.join(modules, '@img/colour'))).toBe(true);
});
