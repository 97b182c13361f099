import type { App } from '../app.ts';

export interface QuittingOptions {
  workbench: App;
  /** Asks the user what to do about runs that train. `remember`: do not ask again. */
  ask: (training: number) => Promise<{ isWanted: boolean; remember: boolean }>;
  /** Runs are being paused, which may take seconds. */
  onPausing: () => void;
  /** Everything is on disk; ends the program. */
  leave: () => void;
}

export interface Quitting {
  /** the program may end now */
  isDone(): boolean;
  /** Ends in order, asking the user first if they want to be asked. A call while one is under way does nothing. */
  begin(mayAsk: boolean): Promise<void>;
}

/** Leaving the program: runs that train are paused at a checkpoint, the database is closed, the data folder given free. */
export function createQuitting({ workbench, ask, onPausing, leave }: QuittingOptions): Quitting {
  let isUnderWay = false;
  let isDone = false;
  const mayLeave = async (mayAsk: boolean): Promise<boolean> => {
    const training = await workbench.runs.list({ statuses: ['starting', 'running'] });
    if (training.length === 0) return true;
    if (mayAsk && workbench.currentSettings().quitWhileTraining === 'ask') {
      const { isWanted, remember } = await ask(training.length);
      if (!isWanted) return false;
      if (remember) await workbench.settings.change({ quitWhileTraining: 'pause' });
    }
    onPausing();
    return true;
  };
  return {
    isDone: () => isDone,
    async begin(mayAsk) {
      if (isUnderWay) return;
      isUnderWay = true;
      try {
        if (!(await mayLeave(mayAsk))) {
          isUnderWay = false;
          return;
        }
      } catch {
        // a database that cannot be read or written any more must not keep the window open
      }
      try {
        await workbench.close();
      } finally {
        isDone = true;
        leave();
      }
    },
  };
}
