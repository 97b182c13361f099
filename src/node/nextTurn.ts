/** Lets everything else that waits have its turn, so that long work holds nothing up. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
