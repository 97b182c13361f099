import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { exitCodes } from '../command.ts';
import type { Command } from '../command.ts';
import { resourcesDir, workerFolder } from '../places.ts';
import { renderTable } from '../terminal/table.ts';

const probeSchema = z.array(
  z.object({
    id: z.string(),
    available: z.boolean(),
    description: z.string(),
    reason: z.string().optional(),
    threads: z.int(),
  }),
);

export const devicesCommand: Command = {
  name: 'devices',
  summary: 'The devices that can train on this machine.',
  async run({ host, isJson }) {
    const devices = await probe();
    if (isJson) host.out(`${JSON.stringify(devices)}\n`);
    else {
      const columns = [
        { title: 'Id' },
        { title: 'Works' },
        { title: 'Threads', align: 'right' },
        { title: 'What it is' },
      ] as const;
      const rows = devices.map(({ id, available, threads, description, reason }) => [
        id,
        available ? 'yes' : 'no',
        String(threads),
        available ? description : `${description}: ${reason ?? 'not available'}`,
      ]);
      host.out(renderTable(columns, rows));
    }
    return exitCodes.done;
  },
};

/** Devices are opened in a process of their own: only that one loads the numerics, and a driver may crash it. */
async function probe(): Promise<z.infer<typeof probeSchema>> {
  const program = fileURLToPath(new URL('host/probe.ts', workerFolder));
  const wasmDir = fileURLToPath(new URL('wasm', resourcesDir));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program, wasmDir]);
    return probeSchema.parse(JSON.parse(stdout));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('workerStartFailed', `The devices could not be examined: ${reason}`, { cause: error });
  }
}
