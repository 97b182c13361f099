import type { RunsEvents, RunsService, Series } from '../../core/contract/runs.ts';
import type { Unsubscribe } from '../../core/contract/service.ts';
import { asAppError, type AppError } from '../../core/errors.ts';
import { createSeriesBuffer, type SeriesBuffer } from '../../core/metrics/seriesBuffer.ts';
import { readEveryPoint } from './readEveryPoint.ts';

type Commit = RunsEvents['metricsCommitted'];
type Points = Commit['series'][string];

/** One metric of one run while something shows it. */
export interface LiveSeries {
  readonly runId: string;
  readonly key: string;
  /** replaced when the series is read anew in another resolution */
  readonly buffer: SeriesBuffer;
  readonly isLoading: boolean;
  readonly error: AppError | null;
  /** Called after every change of the above. */
  onChange(listener: () => void): Unsubscribe;
  /** Reads it anew after a failure. */
  retry(): void;
  /** Reads every single point, if memory allows; until then the buffer holds merged ones. */
  wantEveryPoint(): void;
}

export interface SeriesLease {
  series: LiveSeries;
  /** Ends the use; a series that nobody uses is forgotten. Calling it twice does nothing. */
  release(): void;
}

export interface SeriesHub {
  /** Begins to follow a series: reads it, then takes live points and repairs gaps from the database. */
  open(runId: string, key: string): SeriesLease;
  onCommit(commit: Commit): void;
  /** The worker of a run came or went: what is stored may have been cut back to a checkpoint. */
  onRestart(runId: string): void;
  /** Reads everything anew, after a connection was lost. */
  reload(): void;
}

export interface SeriesHubOptions {
  metrics: RunsService['metrics'];
  /** points read at first of each series */
  maxPoints?: number;
  /** entries a live series may have before neighbours are merged */
  maxLiveEntries?: number;
  /** single points that all series together may hold */
  everyPointBudget?: number;
}

interface Entry extends LiveSeries {
  buffer: SeriesBuffer;
  isLoading: boolean;
  error: AppError | null;
  users: number;
  wantsEveryPoint: boolean;
  isReadingEveryPoint: boolean;
  listeners: Set<() => void>;
  /** live points that arrived during a read */
  heard: Points[];
  /** raised by every read of the whole series; an answer to an older question is dropped */
  version: number;
}

interface Question {
  entry: Entry;
  afterStep: number | null;
  version: number;
}

interface Feed {
  runId: string;
  entries: Map<string, Entry>;
  lastSeq: number | null;
  mustReload: boolean;
  /** entries to be read with the next request, by the step they continue after */
  waiting: Map<Entry, number | null>;
}

/** Batches kept for a series while it is read; a read that takes longer is asked for again. */
const mostHeard = 300;

const notify = (entry: Entry): void => {
  for (const listener of entry.listeners) listener();
};

export function createSeriesHub({
  metrics,
  maxPoints = 2_000,
  maxLiveEntries = 2 ** 18,
  everyPointBudget = 2 ** 23,
}: SeriesHubOptions): SeriesHub {
  const feeds = new Map<string, Feed>();

  const createEntry = (feed: Feed, key: string): Entry => {
    const entry: Entry = {
      runId: feed.runId,
      key,
      buffer: createSeriesBuffer(maxLiveEntries),
      isLoading: true,
      error: null,
      users: 0,
      wantsEveryPoint: false,
      isReadingEveryPoint: false,
      listeners: new Set(),
      heard: [],
      version: 0,
      onChange(listener) {
        entry.listeners.add(listener);
        return () => void entry.listeners.delete(listener);
      },
      retry() {
        requestRead(feed, entry, null);
        notify(entry);
      },
      wantEveryPoint() {
        entry.wantsEveryPoint = true;
        void refine(entry);
      },
    };
    return entry;
  };

  /** Reads of one run that are wanted at the same time become one request. */
  const requestRead = (feed: Feed, entry: Entry, afterStep: number | null): void => {
    if (feed.waiting.size === 0) queueMicrotask(() => void readWaiting(feed));
    feed.waiting.set(entry, afterStep);
    entry.isLoading = true;
    entry.error = null;
    entry.heard = [];
    entry.version++;
  };

  async function readWaiting(feed: Feed): Promise<void> {
    const asked = [...feed.waiting].map(([entry, afterStep]) => ({ entry, afterStep, version: entry.version }));
    feed.waiting.clear();
    // a merged series counts its points from where it was asked, so each request has one beginning
    const groups = Map.groupBy(asked, ({ afterStep }) => afterStep);
    await Promise.all([...groups].map(([afterStep, group]) => readGroup(feed.runId, afterStep, group)));
  }

  async function readGroup(runId: string, afterStep: number | null, group: readonly Question[]): Promise<void> {
    const current = (): Question[] => group.filter(({ entry, version }) => entry.version === version);
    try {
      const keys = group.map(({ entry }) => entry.key);
      const fromStep = afterStep === null ? undefined : afterStep + 1;
      const found = await metrics({ runId, keys, fromStep, maxPoints });
      for (const { entry } of current()) {
        const series = found.find(({ key }) => key === entry.key);
        if (series) take(entry, series, afterStep === null);
      }
    } catch (error) {
      for (const { entry } of current()) {
        entry.isLoading = false;
        entry.error = asAppError(error);
        entry.heard = [];
        notify(entry);
      }
    }
  }

  function take(entry: Entry, series: Series, isWhole: boolean): void {
    if (isWhole) entry.buffer.replace(series, series.totalPoints);
    else entry.buffer.append(series, series.totalPoints);
    entry.isLoading = false;
    entry.error = null;
    for (const points of entry.heard) entry.buffer.append(points);
    entry.heard = [];
    notify(entry);
    if (entry.wantsEveryPoint) void refine(entry);
  }

  const pointsHeld = (): number => {
    let sum = 0;
    for (const { entries } of feeds.values()) for (const { buffer } of entries.values()) sum += buffer.length;
    return sum;
  };

  async function refine(entry: Entry): Promise<void> {
    const { buffer, version } = entry;
    if (entry.isReadingEveryPoint || entry.isLoading || buffer.lows === null) return;
    if (pointsHeld() + buffer.totalPoints > everyPointBudget) return;
    entry.isReadingEveryPoint = true;
    try {
      const whole = await readEveryPoint({
        metrics,
        series: entry,
        isWanted: () => entry.users > 0 && entry.version === version,
      });
      if (whole) {
        entry.buffer = whole;
        notify(entry);
      }
    } catch {
      // the merged points stay on the screen, and what is shown says that they are merged
    } finally {
      entry.isReadingEveryPoint = false;
    }
  }

  const readAgain = (feed: Feed): void => {
    feed.mustReload = false;
    for (const entry of feed.entries.values()) requestRead(feed, entry, null);
  };

  return {
    open(runId, key) {
      const feed = feeds.get(runId) ?? {
        runId,
        entries: new Map(),
        lastSeq: null,
        mustReload: false,
        waiting: new Map(),
      };
      feeds.set(runId, feed);
      const known = feed.entries.get(key);
      const entry = known ?? createEntry(feed, key);
      if (!known) {
        feed.entries.set(key, entry);
        requestRead(feed, entry, null);
      }
      entry.users++;
      let isReleased = false;
      return {
        series: entry,
        release() {
          if (isReleased) return;
          isReleased = true;
          if (--entry.users > 0) return;
          feed.entries.delete(key);
          feed.waiting.delete(entry);
          entry.version++;
          if (feed.entries.size === 0 && feeds.get(runId) === feed) feeds.delete(runId);
        },
      };
    },
    onCommit({ runId, firstSeq, seq, series }) {
      const feed = feeds.get(runId);
      if (!feed) return;
      const { lastSeq } = feed;
      feed.lastSeq = seq;
      // a count that does not go up is that of a new worker, which continues from a checkpoint
      if (feed.mustReload || (lastSeq !== null && firstSeq <= lastSeq)) return readAgain(feed);
      const hasGap = lastSeq !== null && firstSeq > lastSeq + 1;
      for (const entry of feed.entries.values()) {
        if (entry.error) requestRead(feed, entry, null);
        else if (hasGap) requestRead(feed, entry, entry.isLoading ? null : entry.buffer.lastStep);
        else takeLive(feed, entry, series[entry.key]);
      }
    },
    onRestart(runId) {
      const feed = feeds.get(runId);
      if (feed) feed.mustReload = true;
    },
    reload() {
      for (const feed of feeds.values()) {
        feed.lastSeq = null;
        readAgain(feed);
      }
    },
  };

  function takeLive(feed: Feed, entry: Entry, points: Points | undefined): void {
    if (!points) return;
    if (!entry.isLoading) {
      entry.buffer.append(points);
      notify(entry);
    } else if (entry.heard.length < mostHeard) entry.heard.push(points);
    else requestRead(feed, entry, null);
  }
}
