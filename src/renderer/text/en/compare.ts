import { formatCount } from '../format.ts';

const runsCount = (count: number): string => (count === 1 ? '1 run' : `${formatCount(count)} runs`);

export const compare = {
  title: 'Compare',
  subtitle: (runs: number, groups: number | null) =>
    groups === null ? runsCount(runs) : `${runsCount(runs)} in ${groups === 1 ? '1 group' : `${groups} groups`}`,
  empty: {
    title: 'Choose runs to compare',
    text: 'Their curves are drawn over each other, seeds of one setting as a mean with a band, beside what differs in their settings.',
    newest: 'Compare the newest runs',
    table: 'Choose in the table of runs',
    noRuns: 'There are no runs yet. Two runs make a comparison.',
    start: 'Set up a run',
  },
  add: 'Add runs…',
  addLabel: 'Add runs to the comparison',
  clear: 'Clear',
  bySeed: 'Group by seed',
  bySeedTip: 'Runs that differ by their seed only become one line: their mean, with a band',
  band: 'Band',
  bands: { deviation: 'mean ± standard deviation', range: 'minimum to maximum' },
  list: 'Compared runs',
  hide: (name: string) => `Hide ${name} in charts`,
  show: (name: string) => `Show ${name} in charts`,
  remove: (name: string) => `Leave ${name} out`,
  seeds: (seeds: string) => `seeds ${seeds}`,
  missing: (count: number) => `${runsCount(count)} of this link do not exist any more.`,
  trashed: 'in the trash',
  tabsLabel: 'Parts of the comparison',
  tabs: { charts: 'Charts', differences: 'What differs', results: 'Final numbers' },
  charts: {
    emptyTitle: 'No metrics yet',
    emptyText: 'None of these runs has trained so far.',
    hiddenTitle: 'All runs are hidden',
    hiddenText: 'Show one in the list at the left.',
  },
  differences: {
    setting: 'Setting',
    noneTitle: 'No difference',
    noneText: 'The settings of these runs are equal.',
    one: 'One run alone does not differ from anything. Add another.',
    note: 'Only settings with different values are listed.',
  },
  results: {
    run: 'Run',
    group: 'Group',
    runs: 'Runs',
    seed: 'Seed',
    status: 'Status',
    steps: 'Steps',
    time: 'Training time',
    note: 'Last value of each metric. Groups: mean ± sample standard deviation over the seeds, and from how many runs. The best of a column is bold.',
    sortBy: (name: string) => `Sort by ${name}`,
    copyCsv: 'Copy as CSV',
  },
};
