import type { Unsubscribe } from '../../core/contract/service.ts';

export interface Cursor {
  x: number;
  /** the chart under the mouse */
  chartId: string;
}

/** Where the mouse points on any chart of a page, told to all of them. */
export interface CursorSync {
  readonly cursor: Cursor | null;
  move(cursor: Cursor | null): void;
  onMove(listener: () => void): Unsubscribe;
}

export function createCursorSync(): CursorSync {
  const listeners = new Set<() => void>();
  let cursor: Cursor | null = null;
  return {
    get cursor() {
      return cursor;
    },
    move(next) {
      if (cursor?.x === next?.x && cursor?.chartId === next?.chartId) return;
      cursor = next;
      for (const listener of listeners) listener();
    },
    onMove(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
