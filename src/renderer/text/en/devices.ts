export const devices = {
  title: 'Devices',
  subtitle: 'What can train on this machine',
  refresh: 'Examine again',
  examining: 'Examining this machine…',
  failed: 'The devices could not be examined',
  works: 'Works',
  worksNot: 'Not available',
  best: 'Chosen by “auto”',
  threads: (count: number) => (count === 1 ? '1 thread' : `${count} threads`),
  use: 'New run on this device',
  noReason: 'It gave no reason.',
};
