import fs from 'node:fs';
import os from 'node:os';

/** More threads than this gain little on the small matrices of training and cost memory each. */
const mostThreads = 8;

/** Compute threads to use when the user names none: one per physical core, at most 8. */
export function defaultThreads(): number {
  return Math.max(1, Math.min(physicalCores() ?? os.availableParallelism(), os.availableParallelism(), mostThreads));
}

/** Cores without hyper-threading, where the system says (Linux); undefined elsewhere. */
function physicalCores(): number | undefined {
  const folder = '/sys/devices/system/cpu';
  try {
    const siblings = fs
      .readdirSync(folder)
      .filter((name) => /^cpu\d+$/.test(name))
      .map((name) => fs.readFileSync(`${folder}/${name}/topology/thread_siblings_list`, 'utf8').trim());
    return new Set(siblings).size || undefined;
  } catch {
    return undefined;
  }
}
