import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { CliHost } from '../cliHost.ts';

/** Where the Electron program is, or why there is none and what to do about it. */
export type ElectronSearch = { program: string } | { program: null; reason: string };

const reachTimeoutMs = 8_000;
const downloadTimeoutMs = 15 * 60_000;
const releases = 'https://github.com/electron/electron/releases/download/';

function executableName(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return platform === 'win32' ? 'electron.exe' : 'electron';
}

function packageFolder(): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  } catch {
    return null;
  }
}

/** The program that the npm package `electron` has downloaded, if it has. */
function installedProgram(folder: string): string | null {
  try {
    const program = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8').trim());
    return existsSync(program) ? program : null;
  } catch {
    return null;
  }
}

/** Whether the place of the download answers at all; its own attempts wait for minutes. */
async function isReachable(env: CliHost['env']): Promise<boolean> {
  const names = Object.keys(env).map((name) => name.toLowerCase());
  // through a proxy or from a mirror, only the download itself knows the way
  if (names.some((name) => name === 'https_proxy' || name.endsWith('electron_mirror'))) return true;
  return fetch(releases, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(reachTimeoutMs) }).then(
    () => true,
    () => false,
  );
}

/**
 * Finds the Electron program: in the folder ELECTRON_OVERRIDE_DIST_PATH names, else the one of the npm package, which is
 * downloaded now if it was not yet.
 */
export async function findElectron({ env, platform, err }: CliHost): Promise<ElectronSearch> {
  const missing = (reason: string): ElectronSearch => ({ program: null, reason });
  const override = env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (override) {
    const program = join(override, executableName(platform));
    return existsSync(program)
      ? { program }
      : missing(
          `ELECTRON_OVERRIDE_DIST_PATH names ${override}, which holds no ${executableName(platform)}; correct or unset it`,
        );
  }
  const folder = packageFolder();
  if (folder === null) return missing('the package electron is not installed; run "npm ci" with development packages');
  const installed = installedProgram(folder);
  if (installed) return { program: installed };
  const fix = 'start again with a network connection, or set ELECTRON_OVERRIDE_DIST_PATH to the folder of an Electron';
  if (!(await isReachable(env))) return missing(`Electron could not be downloaded, its server does not answer; ${fix}`);
  err('Downloading Electron (about 120 MB, only this once) ...\n');
  try {
    await promisify(execFile)(process.execPath, [join(folder, 'install.js')], { timeout: downloadTimeoutMs });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim().split('\n')[0] || (error as Error).message;
    return missing(`Electron could not be downloaded (${said}); ${fix}`);
  }
  const program = installedProgram(folder);
  return program ? { program } : missing(`Electron was downloaded but is not there; ${fix}`);
}
