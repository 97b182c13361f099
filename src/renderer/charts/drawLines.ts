import type { Chart, Plugin } from 'chart.js';
import type { DrawnPoints } from '../../core/metrics/decimation.ts';
import type { FittedLine } from './fitLines.ts';

/** A pixel per value, both axes. */
interface Projection {
  x(value: number): number;
  y(value: number): number;
}

const sparsePoints = 60;

/**
 * Draws the lines of a chart straight from their columns: Chart.js keeps an object per point, which fifty live runs
 * cannot afford. Axes, zoom and everything else stay with Chart.js.
 */
export function drawLinesPlugin(lines: () => readonly FittedLine[]): Plugin {
  return {
    id: 'lines',
    beforeDatasetsDraw(chart) {
      const { ctx, chartArea } = chart;
      const projection = projectionOf(chart);
      if (!projection) return;
      ctx.save();
      ctx.beginPath();
      ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
      ctx.clip();
      ctx.lineJoin = 'bevel';
      const all = lines();
      for (const line of all) if (line.band) fillBand(ctx, line, projection);
      for (const line of all) if (line.smoothed) strokeRaw(ctx, line, projection);
      for (const line of all) strokeMain(ctx, line, projection, all.length);
      ctx.restore();
    },
  };
}

function projectionOf({ scales }: Chart): Projection | null {
  const { x, y } = scales;
  if (!x || !y) return null;
  return {
    x: along(x.min, x.max, x.left, x.right, x.type === 'logarithmic'),
    y: along(y.min, y.max, y.bottom, y.top, y.type === 'logarithmic'),
  };
}

function along(min: number, max: number, start: number, end: number, isLog: boolean): (value: number) => number {
  if (!isLog) {
    const perUnit = (end - start) / (max - min);
    return (value) => start + (value - min) * perUnit;
  }
  const from = Math.log10(min);
  const perDecade = (end - start) / (Math.log10(max) - from);
  return (value) => (value > 0 ? start + (Math.log10(value) - from) * perDecade : NaN);
}

function fillBand(ctx: CanvasRenderingContext2D, { line, band }: FittedLine, projection: Projection): void {
  const { lows, highs } = band!;
  ctx.globalAlpha = 0.16;
  ctx.fillStyle = line.style.color;
  ctx.beginPath();
  for (let i = 0; i < highs.xs.length; i++) addVertex(ctx, projection, highs, i);
  for (let i = lows.xs.length - 1; i >= 0; i--) addVertex(ctx, projection, lows, i);
  ctx.fill();
}

function addVertex(ctx: CanvasRenderingContext2D, { x, y }: Projection, { xs, ys }: DrawnPoints, i: number): void {
  const pixel = y(ys[i]!);
  if (Number.isFinite(pixel)) ctx.lineTo(x(xs[i]!), pixel);
}

function strokeRaw(ctx: CanvasRenderingContext2D, { line, raw }: FittedLine, projection: Projection): void {
  ctx.globalAlpha = 0.28;
  ctx.strokeStyle = line.style.color;
  ctx.lineWidth = 1;
  ctx.setLineDash([]);
  strokePoints(ctx, raw, projection);
}

function strokeMain(
  ctx: CanvasRenderingContext2D,
  fitted: FittedLine,
  projection: Projection,
  lineCount: number,
): void {
  const { line, raw, smoothed } = fitted;
  const points = smoothed ?? raw;
  ctx.globalAlpha = 1;
  ctx.strokeStyle = ctx.fillStyle = line.style.color;
  // a line of one pixel is drawn several times as fast as any other
  ctx.lineWidth = lineCount > 12 ? 1 : 1.6;
  ctx.setLineDash([...line.style.dash]);
  strokePoints(ctx, points, projection);
  ctx.setLineDash([]);
  if (raw.xs.length <= sparsePoints && lineCount <= 12) drawDots(ctx, raw, projection, raw.xs.length === 1 ? 3 : 2);
}

function strokePoints(ctx: CanvasRenderingContext2D, { xs, ys }: DrawnPoints, projection: Projection): void {
  ctx.beginPath();
  let isOpen = false;
  for (let i = 0; i < xs.length; i++) {
    const y = projection.y(ys[i]!);
    if (!Number.isFinite(y)) isOpen = false;
    else if (isOpen) ctx.lineTo(projection.x(xs[i]!), y);
    else {
      ctx.moveTo(projection.x(xs[i]!), y);
      isOpen = true;
    }
  }
  ctx.stroke();
}

function drawDots(
  ctx: CanvasRenderingContext2D,
  { xs, ys }: DrawnPoints,
  projection: Projection,
  radius: number,
): void {
  ctx.beginPath();
  for (let i = 0; i < xs.length; i++) {
    const [x, y] = [projection.x(xs[i]!), projection.y(ys[i]!)];
    if (!Number.isFinite(y)) continue;
    ctx.moveTo(x + radius, y);
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
  }
  ctx.fill();
}
