import type { ChartOptions } from 'chart.js';
import { formatBytes, formatDecimal, formatClock, formatNumber } from '../text/format.ts';
import type { ThemeTokens } from '../theme/themeTokens.ts';
import type { XMode } from './chartSettings.ts';
import type { Range } from './fitLines.ts';

export type ValueUnit = 'plain' | 'bytes' | 'fraction';

export function formatValue(value: number | null, unit: ValueUnit): string {
  if (unit === 'bytes') return formatBytes(value);
  return formatNumber(value);
}

/** All labels of an axis in one notation, whatever the size of each, with as many digits as tell neighbours apart. */
export function formatTick(value: number, unit: ValueUnit, { min, max }: Range): string {
  const size = Math.max(Math.abs(min), Math.abs(max));
  const span = max - min;
  const digitsApart = span > 0 ? Math.ceil(Math.log10(size / span)) + 2 : 0;
  if (unit === 'bytes') return formatBytes(value, Math.min(Math.max(digitsApart, 3), 6));
  const digits = Math.min(Math.max(digitsApart, 4), 10);
  return size >= 1e-4 && size < 1e6
    ? formatDecimal(Number(value.toPrecision(digits)))
    : formatNumber(value, digits + 1);
}

export function formatX(x: number, mode: XMode): string {
  if (mode === 'time') return formatClock(x);
  return mode === 'step' ? formatNumber(Math.round(x), 7) : formatNumber(x, 4);
}

/** Gridlines every so many seconds, so that the labels are round times. */
const roundTimes = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 604800];

/** Space for the labels of the y axis: the same in every chart, so that charts below each other line up. */
const yAxisWidthPx = 62;

export interface AxisOptions {
  x: Range;
  y: Range;
  isLogX: boolean;
  isLogY: boolean;
  xMode: XMode;
  unit: ValueUnit;
  tokens: ThemeTokens;
  font: string;
}

type Scales = NonNullable<ChartOptions<'line'>['scales']>;

/** The two axes of a chart for Chart.js. */
export function axisOptions(options: AxisOptions): Scales {
  const { x, y, isLogX, isLogY, xMode, unit, tokens, font } = options;
  const common = {
    border: { color: tokens.borderStrong },
    grid: { color: tokens.grid, tickLength: 4 },
  };
  const ticks = { color: tokens.textMuted, font: { family: font, size: 11 }, maxRotation: 0, autoSkipPadding: 18 };
  const timeStep = xMode === 'time' && !isLogX ? roundTimes.find((step) => (x.max - x.min) / step <= 7) : undefined;
  return {
    x: {
      ...common,
      type: isLogX ? 'logarithmic' : 'linear',
      ...x,
      ticks: {
        ...ticks,
        maxTicksLimit: 8,
        includeBounds: false,
        ...(timeStep ? { stepSize: timeStep } : {}),
        ...(xMode === 'step' && !isLogX ? { precision: 0 } : {}),
        callback: (value: string | number) =>
          isLogX && !isRoundPower(Number(value)) ? '' : formatX(Number(value), xMode),
      },
    },
    y: {
      ...common,
      type: isLogY ? 'logarithmic' : 'linear',
      ...y,
      ticks: {
        ...ticks,
        maxTicksLimit: 6,
        includeBounds: false,
        callback: (value: string | number) =>
          isLogY && !isShownOnLog(Number(value), y) ? '' : formatTick(Number(value), unit, y),
      },
      afterFit: (axis: { width: number }) => {
        axis.width = yAxisWidthPx;
      },
    },
  };
}

function isRoundPower(value: number): boolean {
  const digit = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
  return Math.abs(digit - 1) < 1e-6;
}

/** Powers of ten; where the axis spans less than two, also 2 and 5 times them. */
function isShownOnLog(value: number, { min, max }: Range): boolean {
  if (isRoundPower(value)) return true;
  if (max / min >= 100) return false;
  return isRoundPower(value / 2) || isRoundPower(value / 5) || (max / min < 3 && isRoundPower(value / 3));
}
