/** Lets everything else that waits have its turn. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Work of the main process goes on no longer than this before others have a turn. */
const sliceMs = 8;

/** To be awaited between the pieces of a long work: lets others have a turn when this one has taken long enough. */
export function createPace(): () => Promise<void> {
  let begunMs = performance.now();
  return async () => {
    if (performance.now() - begunMs < sliceMs) return;
    await nextTurn();
    begunMs = performance.now();
  };
}
