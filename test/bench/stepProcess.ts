import { spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';

export interface StepRequest {
  steps: number;
  [key: string]: unknown;
}

export interface StepReply {
  ms: number[];
  /** processor time of one step, over all threads; waiting in a loop counts */
  cpuMs: number;
  losses: number[];
  compiled?: { traceMs: number; sessionMs: number }[];
  /** why there is nothing else */
  error?: string;
}

/** A child process that answers one JSON line per request, so that rounds of several children can be interleaved. */
export interface StepProcess {
  ready: { ready: string; threads: number; blas?: string[] };
  ask(request: StepRequest): Promise<StepReply>;
  close(): Promise<void>;
}

/** Rejects with the child's error output when it ends before it answers. */
export async function startStepProcess(command: string, args: readonly string[]): Promise<StepProcess> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-2000)));
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const failed = new Promise<Error>((resolve) => child.on('error', resolve));
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async <T>(): Promise<T> => {
    const answer = await Promise.race([lines.next(), failed]);
    if (answer instanceof Error) throw answer;
    if (answer.done) throw new Error(errors || `${command} ${args[0]} ended early`);
    return JSON.parse(answer.value) as T;
  };
  return {
    ready: await next(),
    ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return next<StepReply>();
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}

/** A device in a process of its own; see deviceProcess.ts. */
export function startDevice(device: string, threads: number): Promise<StepProcess> {
  const script = path.join(import.meta.dirname, 'deviceProcess.ts');
  const wasmDir = path.resolve(import.meta.dirname, '../../resources/wasm');
  return startStepProcess(process.execPath, [script, device, String(threads), wasmDir]);
}
