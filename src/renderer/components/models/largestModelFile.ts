/** A model.json holds layers, not weights; anything larger is another file. */
export const largestModelFileBytes = 20e6;
