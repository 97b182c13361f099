import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** Load and memory of the busiest card. */
export interface CardReader {
  /** nothing where no driver tells */
  latest(): { cardPercent?: number; cardMemoryBytes?: number };
  close(): void;
}

/** NVIDIA's own program where there is one, else what the drivers of AMD and Intel write into /sys. */
export function createCardReader(everyMs: number): CardReader {
  const nvidia = watchNvidia(everyMs);
  return {
    latest: () => nvidia.latest() ?? readSysfs('/sys/class/drm'),
    close: nvidia.close,
  };
}

interface CardState {
  cardPercent?: number;
  cardMemoryBytes?: number;
}

/** One process that writes a line per card again and again; starting one for each sample would cost more. */
function watchNvidia(everyMs: number): { latest(): CardState | undefined; close(): void } {
  const fields = ['--query-gpu=utilization.gpu,memory.used', '--format=csv,noheader,nounits'];
  const child = spawn('nvidia-smi', [...fields, `--loop-ms=${everyMs}`], { stdio: ['ignore', 'pipe', 'ignore'] });
  let latest: CardState | undefined;
  // there is no such program on a machine without such a card
  child.on('error', () => undefined);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    latest = parseNvidia(text) ?? latest;
  });
  child.unref();
  return { latest: () => latest, close: () => void child.kill() };
}

/** Lines "utilisation %, MiB"; of several cards the busiest. */
export function parseNvidia(text: string): CardState | undefined {
  const cards = [...text.matchAll(/^\s*(\d+)\s*,\s*(\d+)\s*$/gm)].map(([, percent, megabytes]) => ({
    cardPercent: Number(percent),
    cardMemoryBytes: Number(megabytes) * 2 ** 20,
  }));
  return cards.toSorted((a, b) => b.cardPercent - a.cardPercent || b.cardMemoryBytes - a.cardMemoryBytes)[0];
}

/** amdgpu writes both numbers; other drivers one or none. */
export function readSysfs(folder: string): CardState {
  const numberIn = (file: string): number | undefined => {
    try {
      const value = Number(fs.readFileSync(file, 'utf8'));
      return Number.isFinite(value) ? value : undefined;
    } catch {
      return undefined;
    }
  };
  let names: string[];
  try {
    names = fs.readdirSync(folder).filter((name) => /^card\d+$/.test(name));
  } catch {
    return {};
  }
  const cards = names.map((name): CardState => {
    const percent = numberIn(path.join(folder, name, 'device/gpu_busy_percent'));
    const bytes = numberIn(path.join(folder, name, 'device/mem_info_vram_used'));
    return {
      ...(percent === undefined ? {} : { cardPercent: percent }),
      ...(bytes === undefined ? {} : { cardMemoryBytes: bytes }),
    };
  });
  return cards.toSorted((a, b) => (b.cardPercent ?? -1) - (a.cardPercent ?? -1))[0] ?? {};
}
