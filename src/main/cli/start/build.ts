import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../../core/errors.ts';
import type { CliHost } from '../cliHost.ts';

/** What a build makes and what it is made of, below the project's folder. */
const products = ['out/main/index.js', 'out/preload/index.cjs', 'out/renderer/index.html'];
const sources = ['electron.vite.config.ts', 'package.json'];
const builder = 'node_modules/electron-vite/bin/electron-vite.js';

function newestSourceMs(projectDir: string): number {
  const below = readdirSync(join(projectDir, 'src'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join('src', name),
  );
  return Math.max(...[...sources, ...below].map((name) => statSync(join(projectDir, name)).mtimeMs));
}

/** Whether the built program is there and as new as its sources. An installation without sources is always current. */
export function isBuildCurrent(projectDir: string): boolean {
  const built = products.map((name) => statSync(join(projectDir, name), { throwIfNoEntry: false })?.mtimeMs);
  if (built.some((ms) => ms === undefined)) return false;
  if (!existsSync(join(projectDir, builder))) return true;
  return Math.min(...built.map((ms) => ms!)) >= newestSourceMs(projectDir);
}

/** Builds the window's program and the pages. Rejects with AppError `internal`, which carries the builder's last words. */
export async function build(projectDir: string, host: CliHost): Promise<void> {
  if (!existsSync(join(projectDir, builder))) {
    throw new AppError(
      'notFound',
      `The workbench is not built, and its builder is missing: run "npm ci" in ${projectDir}.`,
    );
  }
  host.err('Building the workbench, which takes some seconds ...\n');
  let output = '';
  const child = spawn(process.execPath, [join(projectDir, builder), 'build'], {
    cwd: projectDir,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4_000);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new AppError('internal', `The workbench could not be built:\n${output.trim()}`);
}
