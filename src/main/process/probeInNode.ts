import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { deviceInfoSchema, type DeviceInfo } from '../../core/contract/devices.ts';
import { AppError } from '../../core/errors.ts';

const probeTimeoutMs = 60_000;

export interface NodeProbeOptions {
  /** absolute path of the probe program */
  program: string;
  wasmDir: string;
  /** the Node that runs it */
  execPath: string;
}

/**
 * Devices are opened in a process of their own: only that one loads the numerics, and a driver may crash it.
 * Rejects with AppError `workerStartFailed`.
 */
export async function probeInNode({ program, wasmDir, execPath }: NodeProbeOptions): Promise<DeviceInfo[]> {
  try {
    const { stdout } = await promisify(execFile)(execPath, [program, wasmDir], { timeout: probeTimeoutMs });
    return parseProbe(stdout);
  } catch (error) {
    throw probeFailed(error);
  }
}

/** Reads what the probe program printed. */
export function parseProbe(stdout: string): DeviceInfo[] {
  return z.array(deviceInfoSchema).parse(JSON.parse(stdout));
}

export function probeFailed(cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError('workerStartFailed', `The devices could not be examined: ${reason}`, { cause });
}
