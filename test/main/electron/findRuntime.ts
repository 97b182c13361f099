import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { appFolder } from '../../ensureBuilt.ts';

/** What it takes to open the real window, or why it cannot be opened here. */
export type Runtime = { program: string } | { program: null; reason: string };

function electronProgram(): string | null {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  const name = override
    ? 'electron'
    : existsSync(join(folder, 'path.txt')) && readFileSync(join(folder, 'path.txt'), 'utf8');
  const program = name ? join(override ?? join(folder, 'dist'), name) : null;
  return program !== null && existsSync(program) ? program : null;
}

/** better-sqlite3 from 13 on is Node-API 10, which Electron has from 36 on. */
const oldestMajor = 36;

/** Why the program cannot open the workbench, or null. */
function misfit(program: string): string | null {
  const versionFile = join(dirname(program), 'version');
  const version = existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim().replace(/^v/, '') : '';
  if (version === '' || Number.parseInt(version, 10) >= oldestMajor) return null;
  const { version: sqlite } = createRequire(join(appFolder, 'package.json'))('better-sqlite3/package.json') as {
    version: string;
  };
  return sqlite.endsWith('stand-in')
    ? null
    : `Electron ${version} is older than ${oldestMajor} and cannot load SQLite; set LP_WORKBENCH_ELECTRON_APP to a copy staged for it`;
}

const hasScreen = (): boolean =>
  process.platform !== 'linux' ||
  Boolean(process.env['DISPLAY']) ||
  spawnSync('Xvfb', ['-help'], { stdio: 'ignore' }).error === undefined;

/** Tests of the window need the Electron program, which is not part of the installation, and a screen. */
export function findRuntime(): Runtime {
  const program = electronProgram();
  if (program === null)
    return { program, reason: 'no Electron program; set ELECTRON_OVERRIDE_DIST_PATH to its folder' };
  const reason = misfit(program);
  if (reason !== null) return { program: null, reason };
  return hasScreen() ? { program } : { program: null, reason: 'no screen; install Xvfb' };
}

/** Says on stderr what is not checked here, so that it is not mistaken for checked. */
export function announceMissing(what: string, runtime: Runtime): void {
  if (runtime.program === null) process.stderr.write(`Not checked: ${what} (${runtime.reason}).\n`);
}

export interface Screen {
  display: string | undefined;
  close(): void;
}

/** The screen of this session, or one in memory for as long as it is needed. */
export async function openScreen(): Promise<Screen> {
  if (process.platform !== 'linux' || process.env['DISPLAY']) {
    return { display: process.env['DISPLAY'], close: () => {} };
  }
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const display = await new Promise<string>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`Xvfb ended with exit code ${code}`)));
    server.stdio[3]!.once('data', (number: Buffer) => resolve(`:${String(number).trim()}`));
  });
  return { display, close: () => void server.kill() };
}
