import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../../src/main/cli/bin.mjs', import.meta.url));

export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunningCommand {
  process: ChildProcess;
  /** resolves when stderr so far contains the text */
  says(text: string): Promise<void>;
  result: Promise<CommandResult>;
}

/** Starts the real command line as a user would. */
export function startCommand(
  args: readonly string[],
  env: Record<string, string> = {},
  [program, ...before]: readonly [string, ...string[]] = [process.execPath, bin],
): RunningCommand {
  const child = spawn(program, [...before, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const streams = { stdout: '', stderr: '' };
  const waiting: { text: string; resolve: () => void }[] = [];
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      streams[name] += text;
      for (const { text: wanted, resolve } of waiting) if (streams.stderr.includes(wanted)) resolve();
    });
  }
  const result = new Promise<CommandResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...streams }));
  });
  return {
    process: child,
    says: (text) =>
      new Promise((resolve, reject) => {
        waiting.push({ text, resolve });
        if (streams.stderr.includes(text)) resolve();
        void result.then(({ stderr }) => reject(new Error(`ended without saying "${text}": ${stderr}`)));
      }),
    result,
  };
}

export function runCommand(args: readonly string[], env: Record<string, string> = {}): Promise<CommandResult> {
  return startCommand(args, env).result;
}
