import type { PendingStats, StepStats } from './stepStats.ts';

/** Steps read at a time take about this long to compute; twice as long may pass before their numbers are known. */
const groupMs = 25;
const mostSteps = 64;

/** A step that was taken, with what the caller wants to know when its numbers come. */
export interface TakenStep<Note> {
  pending: PendingStats;
  note: Note;
}

/** The numbers of steps read together, oldest first. */
export interface ReadSteps<Note> {
  steps: readonly { stats: StepStats; note: Note }[];
}

/** Lets a device compute steps ahead of the reading of their numbers. */
export interface StepReader<Note> {
  /** Hands over a step; reads earlier ones when enough have gathered, and this one too where reading costs nothing. */
  add(taken: TakenStep<Note>): Promise<void>;
  /** Reads all there are. */
  settle(): Promise<void>;
  /** Gives up what is not read. */
  close(): Promise<void>;
}

export interface StepReaderOptions<Note> {
  /** whether steps may be taken before the numbers of earlier ones are read */
  computesAhead: boolean;
  read(pending: readonly PendingStats[]): Promise<StepStats[]>;
  /** Called with steps in order; what it throws, `add` or `settle` throws. */
  onRead(read: ReadSteps<Note>): void;
  nowMs: () => number;
}

/**
 * While one group of steps is being read the next is computed. A group is as many steps as take 25 ms, one where a step
 * takes longer: at most two groups are unread, so that a pause, a loss that stops being finite and a live chart never
 * wait long for steps nobody has looked at.
 */
export function createStepReader<Note>(options: StepReaderOptions<Note>): StepReader<Note> {
  let waiting: TakenStep<Note>[] = [];
  let inFlight: { group: TakenStep<Note>[]; stats: Promise<StepStats[]> } | undefined;
  let groupSize = 1;
  let lastReadMs = options.nowMs();

  const startReading = (): void => {
    if (waiting.length === 0) return;
    const stats = options.read(waiting.map(({ pending }) => pending));
    // it is awaited later, or given up
    stats.catch(() => undefined);
    inFlight = { group: waiting, stats };
    waiting = [];
  };
  const finishReading = async (): Promise<void> => {
    if (!inFlight) return;
    const { group, stats } = inFlight;
    try {
      const values = await stats;
      const now = options.nowMs();
      const stepMs = (now - lastReadMs) / group.length;
      lastReadMs = now;
      groupSize = Math.max(1, Math.min(mostSteps, Math.floor(groupMs / stepMs)));
      options.onRead({ steps: group.map(({ note }, i) => ({ note, stats: values[i]! })) });
    } finally {
      inFlight = undefined;
    }
  };
  const settle = async (): Promise<void> => {
    await finishReading();
    startReading();
    await finishReading();
  };
  return {
    async add(taken) {
      waiting.push(taken);
      if (!options.computesAhead) return settle();
      if (waiting.length < groupSize) return;
      await finishReading();
      startReading();
    },
    settle,
    async close() {
      await inFlight?.stats.catch(() => undefined);
      for (const { pending } of waiting) for (const tensor of pending.tensors) tensor.dispose();
      waiting = [];
      inFlight = undefined;
    },
  };
}
