/**
 * Flags of the Node (or Electron) that runs a worker. A training loop makes much short-lived garbage, for which V8
 * would grow its nursery to 100 MB and more; small nurseries keep the process flat at the same speed.
 */
export const workerNodeFlags: readonly string[] = ['--max-semi-space-size=8'];
