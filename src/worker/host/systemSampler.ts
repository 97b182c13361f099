import { createCardReader, type CardReader } from './cardReader.ts';

/** What the machine was doing for a run when it was sampled, by metric. */
export type SystemSample = Readonly<Record<string, number>>;

export interface SystemSampler {
  /** The newest sample nobody has taken yet. */
  take(): SystemSample | undefined;
  close(): void;
}

const sampleEveryMs = 5_000;

export interface SystemSamplerOptions {
  nowMs: () => number;
  /** a graphics card computes, so what it does is worth knowing */
  usesCard: boolean;
  /** reads the card; replaced in tests */
  openCard?: () => CardReader;
  everyMs?: number;
}

/**
 * Samples this process every few seconds: memory, processor time (100 is one core), and load and memory of the card where
 * its driver tells. A sample costs well under a millisecond of the thread that trains; a card is read by a program of its
 * driver that runs beside.
 */
export function createSystemSampler(options: SystemSamplerOptions): SystemSampler {
  const { nowMs, everyMs = sampleEveryMs } = options;
  const card = options.usesCard ? (options.openCard ?? (() => createCardReader(everyMs)))() : undefined;
  let sample: SystemSample | undefined;
  let lastMs = nowMs();
  let lastUsage = process.cpuUsage();
  const timer = setInterval(() => {
    const now = nowMs();
    const usage = process.cpuUsage(lastUsage);
    const busyMs = (usage.user + usage.system) / 1_000;
    sample = {
      processMemoryBytes: process.memoryUsage.rss(),
      processorPercent: (100 * busyMs) / Math.max(now - lastMs, 1),
      ...card?.latest(),
    };
    lastMs = now;
    lastUsage = process.cpuUsage();
  }, everyMs);
  timer.unref();
  return {
    take() {
      const taken = sample;
      sample = undefined;
      return taken;
    },
    close() {
      clearInterval(timer);
      card?.close();
    },
  };
}
