import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Rectangle } from 'electron';
import { z } from 'zod';

const windowStateSchema = z.object({
  x: z.int().optional(),
  y: z.int().optional(),
  width: z.int().min(400).max(20_000),
  height: z.int().min(300).max(20_000),
  isMaximized: z.boolean(),
  /** known before the database is open, so that the window has its colour from the start */
  theme: z.enum(['system', 'light', 'dark']),
});
export type WindowState = z.infer<typeof windowStateSchema>;

const first: WindowState = { width: 1280, height: 800, isMaximized: false, theme: 'system' };

export interface WindowStateFile {
  read(): WindowState;
  /** A state that cannot be written is forgotten; the window matters more. */
  write(state: WindowState): void;
}

export function windowStateFile(dataDir: string): WindowStateFile {
  const file = path.join(dataDir, 'window.json');
  return {
    read() {
      try {
        return windowStateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
      } catch {
        return first;
      }
    },
    write(state) {
      const temporary = `${file}.tmp`;
      try {
        writeFileSync(temporary, JSON.stringify(state));
        renameSync(temporary, file);
      } catch {
        // nothing to tell: the next start opens the window where it opens the first time
      }
    },
  };
}

const leastVisible = 80;

/** The state without its place when no screen shows enough of the title bar to take hold of it there. */
export function onScreen(state: WindowState, screens: readonly Rectangle[]): WindowState {
  const { x, y, ...rest } = state;
  if (x === undefined || y === undefined) return rest;
  const isVisible = screens.some(
    (screen) =>
      x + state.width >= screen.x + leastVisible &&
      x <= screen.x + screen.width - leastVisible &&
      y >= screen.y &&
      y <= screen.y + screen.height - leastVisible,
  );
  return isVisible ? state : rest;
}
