import { spawn } from 'node:child_process';
import type { CliHost } from '../cliHost.ts';

/** How the window's program ended: with its exit code, or before it could run, with the reason. */
export type ElectronEnd = { code: number } | { code: null; reason: string };

const startTimeMs = 10_000;
/** the loader found a library missing */
const loaderFailed = 127;

/** Why no window can be opened here at all, or null. */
export function noScreenReason({ env, platform }: Pick<CliHost, 'env' | 'platform'>): string | null {
  const hasScreen = platform === 'darwin' || platform === 'win32' || env['DISPLAY'] || env['WAYLAND_DISPLAY'];
  return hasScreen
    ? null
    : 'there is no screen here (DISPLAY is not set); start it in a desktop session or under xvfb-run';
}

/** Runs the window's program until it ends. A wish to stop is passed on; the program ends in order. */
export async function runElectron(
  program: string,
  projectDir: string,
  dataDir: string,
  host: CliHost,
): Promise<ElectronEnd> {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) host.err('Note: Chromium has no sandbox for root; the window runs without it.\n');
  const startedMs = host.nowMs();
  const child = spawn(program, [...(isRoot ? ['--no-sandbox'] : []), projectDir, '--data-dir', dataDir], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const stopPassing = host.onInterrupt(() => child.kill('SIGTERM'));
  try {
    return await new Promise<ElectronEnd>((resolve) => {
      child.on('error', (error) =>
        resolve({ code: null, reason: `${program} could not be started: ${error.message}` }),
      );
      child.on('exit', (code, signal) => {
        const isEarly = host.nowMs() - startedMs < startTimeMs;
        if (isEarly && (code === loaderFailed || isCrash(signal))) {
          resolve({
            code: null,
            reason: `${program} ended at its start (${signal ?? `exit code ${code}`}); its words are above`,
          });
        } else resolve({ code: code ?? 1 });
      });
    });
  } finally {
    stopPassing();
  }
}

const isCrash = (signal: NodeJS.Signals | null): boolean =>
  signal === 'SIGTRAP' || signal === 'SIGABRT' || signal === 'SIGSEGV' || signal === 'SIGILL';
