import { formatCount } from '../format.ts';

export const charts = {
  controls: 'How charts are shown',
  xAxis: 'Horizontal axis',
  xNames: { step: 'Step', epoch: 'Epoch', time: 'Time' },
  logX: 'Log x',
  smoothing: 'Smoothing',
  smoothsEpochs: 'Smooth metrics measured once per epoch too',
  wheelZooms: 'Mouse wheel zooms charts',
  moreOptions: 'More chart options',
  mouseHelp:
    'Wheel: zoom. Drag: move. Shift and drag: zoom to a stretch. Double click: everything. With the wheel switched off, Ctrl and wheel zoom.',
  toolbar: (title: string) => `Tools of the chart ${title}`,
  yAxis: 'Vertical axis',
  logY: 'Logarithmic',
  yMin: 'Lower limit',
  yMax: 'Upper limit',
  automatic: 'automatic',
  resetZoom: 'Show everything (double click)',
  copyPng: 'Copy as picture (PNG)',
  copyCsv: 'Copy all points as CSV',
  full: 'Fill the window',
  leaveFull: 'Back to its place (Esc)',
  points: (shown: number, total: number) =>
    shown >= total
      ? `showing all ${formatCount(total)} ${total === 1 ? 'point' : 'points'}`
      : `showing ${formatCount(shown)} of ${formatCount(total)} points`,
  approximate: ' · smoothed from merged points',
  loading: 'Loading…',
  empty: 'No points yet',
  failed: 'The points could not be read.',
  retry: 'Try again',
  describe: (title: string, note: string) => `Line chart of ${title}, ${note}`,
};
