import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { deviceInfoSchema, type DeviceInfo } from '../../core/contract/devices.ts';

/** What an examination found, for as long as machine, drivers and program stay what they were. */
export interface DeviceCache {
  read(): DeviceInfo[] | undefined;
  write(devices: readonly DeviceInfo[]): void;
}

const storedSchema = z.object({ machine: z.string(), devices: z.array(deviceInfoSchema) });

/** Keeps it in a file. A file that cannot be read or written only means that devices are examined again. */
export function createDeviceCache(file: string, machine: () => string): DeviceCache {
  return {
    read() {
      try {
        const stored = storedSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
        return stored.machine === machine() ? stored.devices : undefined;
      } catch {
        return undefined;
      }
    },
    write(devices) {
      const fresh = `${file}.new`;
      try {
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(fresh, JSON.stringify({ machine: machine(), devices }, null, 1));
        renameSync(fresh, file);
      } catch {
        rmSync(fresh, { force: true });
      }
    },
  };
}
