import { formatDuration, formatNumber, formatPercent } from './formats.ts';

/** What a progress line tells of a run at one moment; what is not known yet is left out. */
export interface ProgressFacts {
  label: string;
  step: number;
  totalSteps: number | null;
  epoch: number | null;
  epochs: number;
  /** last values by metric key */
  latest: Readonly<Record<string, number | null>>;
  etaSeconds: number | null;
}

const barWidth = 20;

/** One line of at most `width` characters with a bar; fields that do not fit are dropped from the end. */
export function progressLine(facts: ProgressFacts, width: number): string {
  const share = facts.totalSteps ? Math.min(1, facts.step / facts.totalSteps) : 0;
  const filled = Math.round(share * barWidth);
  const head = `${facts.label} [${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${formatPercent(share, 0)}`;
  const eta = facts.etaSeconds === null ? [] : [`ETA ${formatDuration(facts.etaSeconds)}`];
  return joinWithin([head, ...eta, ...fields(facts)], width);
}

/** The same facts as a line for a log. */
export function plainProgress(facts: ProgressFacts): string {
  const step = facts.totalSteps ? `step ${facts.step}/${facts.totalSteps}` : `step ${facts.step}`;
  const eta = facts.etaSeconds === null ? [] : [`ETA ${formatDuration(facts.etaSeconds)}`];
  return [`${facts.label}: ${step}`, ...fields(facts), ...eta].join('  ');
}

function fields({ epoch, epochs, latest }: ProgressFacts): string[] {
  const accuracy = latest['validationAccuracy'] ?? latest['testAccuracy'] ?? latest['trainAccuracy'];
  const shown: [string, string | undefined][] = [
    ['epoch', epoch === null ? undefined : `${epoch}/${epochs}`],
    ['loss', numberOf(latest['loss'] ?? latest['trainLoss'])],
    ['accuracy', accuracy === null || accuracy === undefined ? undefined : formatPercent(accuracy, 1)],
    ['p', numberOf(latest['p'])],
    ['lr', numberOf(latest['learningRate'])],
    ['samples/s', rateOf(latest['samplesPerSecond'])],
  ];
  return shown.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]));
}

function numberOf(value: number | null | undefined): string | undefined {
  return value === null || value === undefined ? undefined : formatNumber(value);
}

function rateOf(value: number | null | undefined): string | undefined {
  return value === null || value === undefined ? undefined : Math.round(value).toLocaleString('en');
}

function joinWithin(parts: readonly string[], width: number): string {
  let line = '';
  for (const part of parts) {
    const longer = line === '' ? part : `${line}  ${part}`;
    if (longer.length > width) break;
    line = longer;
  }
  return line === '' ? (parts[0] ?? '').slice(0, width) : line;
}
