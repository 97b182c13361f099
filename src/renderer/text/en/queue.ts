/** The queue. */
export const queue = {
  title: 'Queue',
  subtitle: (concurrency: number) =>
    concurrency === 1 ? 'One run trains at a time' : `Up to ${concurrency} runs train at a time`,
  change: 'Change',
  training: 'Training',
  waiting: 'Waiting',
  nothingTrains: 'Nothing trains.',
  nothingWaits: 'No run waits. Runs are put here with “Add to queue”, or when another one trains.',
  empty: { title: 'The queue is empty', text: 'Start a run, or add several: they train one after the other.' },
  order: 'Drag to reorder, or use the arrow keys on a handle.',
  position: (position: number, all: number) => `Place ${position} of ${all}`,
  moved: (name: string, position: number) => `${name} moved to place ${position}`,
  handle: (name: string) => `Move ${name}: arrow keys up and down`,
  first: 'Train next',
  cancel: 'Take out of the queue',
  cancelled: (name: string) => `“${name}” left the queue`,
  epochOf: (epoch: number, epochs: number) => `epoch ${epoch} of ${epochs}`,
  facts: (optimizer: string, dataset: string, epochs: number) =>
    `${optimizer} · ${dataset} · ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`,
  left: (duration: string) => `about ${duration} left`,
};
