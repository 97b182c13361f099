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
  /**
   * Ends in order. With `mayAsk` the user is asked first, if runs train and they want to be asked; without, a question
   * that stands is passed over. A call while the end is under way does nothing.
   */
  begin(mayAsk: boolean): Promise<void>;
}

/** Leaving the program: runs that train are paused at a checkpoint, the database is closed, the data folder given free. */
export function createQuitting({ workbench, ask, onPausing, leave }: QuittingOptions): Quitting {
  let phase: 'open' | 'asking' | 'leaving' | 'done' = 'open';

  const countTraining = async (): Promise<number> =>
    workbench.runs.list({ statuses: ['starting', 'running'] }).then(
      (runs) => runs.length,
      // a database that cannot be read any more must not keep the window open
      () => 0,
    );
  /** Whether the user agrees; what they want remembered is. */
  const agree = async (training: number): Promise<boolean> => {
    const { isWanted, remember } = await ask(training);
    if (isWanted && remember) await workbench.settings.change({ quitWhileTraining: 'pause' }).catch(() => undefined);
    return isWanted;
  };
  const end = async (): Promise<void> => {
    phase = 'leaving';
    if ((await countTraining()) > 0) onPausing();
    try {
      await workbench.close();
    } finally {
      phase = 'done';
      leave();
    }
  };

  return {
    isDone: () => phase === 'done',
    async begin(mayAsk) {
      if (phase === 'leaving' || phase === 'done') return;
      if (mayAsk) {
        if (phase === 'asking') return;
        phase = 'asking';
        const training = await countTraining();
        const isAsking = training > 0 && workbench.currentSettings().quitWhileTraining === 'ask';
        const isAgreed = !isAsking || (await agree(training));
        // meanwhile the system may have asked for the end, which it does not take back
        if (phase !== 'asking') return;
        if (!isAgreed) {
          phase = 'open';
          return;
        }
      }
      await end();
    },
  };
}
