import { Chart, LinearScale, LineController, LogarithmicScale } from 'chart.js';
import type { AnnotationOptions } from 'chartjs-plugin-annotation';
import annotationPlugin from 'chartjs-plugin-annotation';
import zoomPlugin from 'chartjs-plugin-zoom';
import type { ThemeTokens } from '../theme/themeTokens.ts';
import { axisOptions, type ValueUnit } from './axisOptions.ts';
import type { ChartLine, LineView } from './chartLine.ts';
import type { AxisSettings, ChartSettings, XMode } from './chartSettings.ts';
import { drawLinesPlugin } from './drawLines.ts';
import { fitLines, type FittedChart, type Range } from './fitLines.ts';

Chart.register(LineController, LinearScale, LogarithmicScale, annotationPlugin, zoomPlugin);

/** A vertical mark on a chart, such as a checkpoint. */
export interface ChartMark {
  /** its place on the x axis; NaN while it cannot be told */
  xOf(mode: XMode): number;
  label: string;
  labelAt: 'top' | 'bottom';
  color: string;
}

export interface LineChartInput {
  lines: readonly ChartLine[];
  settings: ChartSettings;
  axis: AxisSettings;
  unit: ValueUnit;
  tokens: ThemeTokens;
  font: string;
  marks: readonly ChartMark[];
}

export interface LineChart {
  /** Fits the lines anew and draws. */
  render(): FittedChart;
  readonly isZoomed: boolean;
  /** what the axes show; null before the first point */
  readonly fitted: FittedChart | null;
  readonly view: LineView;
  resetZoom(): void;
  /** place and value of a pixel, and back; null where there is no axis yet */
  xAtPixel(pixel: number): number | null;
  pixelOfX(x: number): number | null;
  /** the drawing area in pixels of the canvas */
  readonly area: { left: number; right: number; top: number; bottom: number };
  readonly canvas: HTMLCanvasElement;
  destroy(): void;
}

export interface LineChartOptions {
  input: () => LineChartInput;
  /** the user zoomed or dragged: the chart wants to be rendered soon */
  onView: () => void;
  /** whether this turn of the wheel is meant for the chart */
  acceptsWheel: (event: WheelEvent) => boolean;
}

const emptyRange: Range = { min: 0, max: 1 };

/** A Chart.js chart whose lines are drawn from columns. */
export function createLineChart(
  canvas: HTMLCanvasElement,
  { input, onView, acceptsWheel }: LineChartOptions,
): LineChart {
  let fitted: FittedChart | null = null;
  let zoom: Range | null = null;

  const chart = new Chart(canvas, {
    type: 'line',
    data: { datasets: [] },
    plugins: [drawLinesPlugin(() => fitted?.lines ?? [])],
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      events: [],
      layout: { padding: { top: 6, right: 12, bottom: 0, left: 0 } },
      plugins: {
        annotation: { annotations: {}, animations: { numbers: { duration: 0 }, colors: { duration: 0 } } },
        zoom: {
          zoom: {
            mode: 'x',
            wheel: { enabled: true, speed: 0.15 },
            pinch: { enabled: true },
            drag: { enabled: true, modifierKey: 'shift', threshold: 4 },
            onZoomStart: ({ event }) => (event instanceof WheelEvent ? acceptsWheel(event) : true),
            onZoom: takeView,
          },
          pan: { enabled: true, mode: 'x', threshold: 3, onPan: takeView },
          limits: { x: { minRange: 0 } },
        },
      },
    },
  });

  function takeView(): void {
    const { x } = chart.scales;
    if (!x) return;
    const whole = chart.options.plugins?.zoom?.limits?.x;
    const isWhole = whole !== undefined && x.min <= Number(whole.min) && x.max >= Number(whole.max);
    zoom = isWhole ? null : { min: x.min, max: x.max };
    onView();
  }

  const viewOf = ({ settings }: LineChartInput): LineView => ({
    xMode: settings.xMode,
    smoothing: settings.smoothing,
    visible: zoom && { left: zoom.min, right: zoom.max },
  });

  function setLimits(whole: FittedChart, { settings }: LineChartInput): void {
    const { x } = whole;
    const limits = chart.options.plugins?.zoom?.limits;
    if (!x || !limits) return;
    const span = x.max - x.min;
    // a few points at the least, whatever the unit
    const minRange = settings.xMode === 'step' ? 4 : span / 20_000;
    limits.x = settings.isLogX ? { ...x, minRange: 0 } : { ...x, minRange: Math.min(minRange, span) };
  }

  function yRange(axis: AxisSettings, data: Range | null): Range {
    const y = data ?? emptyRange;
    const min = axis.yMin !== null && (!axis.isLogY || axis.yMin > 0) ? axis.yMin : y.min;
    const max = axis.yMax ?? y.max;
    return min < max ? { min, max } : { min, max: min + (Math.abs(min) * 0.1 || 1) };
  }

  return {
    render() {
      const given = input();
      const { lines, settings, axis, unit, tokens, font, marks } = given;
      const widthPx = (chart.chartArea?.width as number | undefined) || canvas.clientWidth || 300;
      const view = viewOf(given);
      fitted = fitLines(lines, { view, widthPx, isLogX: settings.isLogX, isLogY: axis.isLogY });
      if (!zoom) setLimits(fitted, given);
      const { isLogX } = settings;
      const x = fitted.x ?? (isLogX ? { min: 1, max: 10 } : emptyRange);
      const y = axis.isLogY && !fitted.y ? { min: 0.1, max: 1 } : yRange(axis, fitted.y);
      const axes = { x, y, isLogX, isLogY: axis.isLogY, xMode: settings.xMode, unit, tokens, font };
      chart.options.scales = axisOptions(axes);
      const drag = chart.options.plugins?.zoom?.zoom?.drag;
      if (drag) drag.backgroundColor = `${tokens.accent}33`;
      if (chart.options.plugins?.annotation)
        chart.options.plugins.annotation.annotations = marks.flatMap((mark) => {
          const at = mark.xOf(settings.xMode);
          return at >= x.min && at <= x.max ? [asAnnotation(at, mark, tokens)] : [];
        });
      chart.update('none');
      return fitted;
    },
    get isZoomed() {
      return zoom !== null;
    },
    get fitted() {
      return fitted;
    },
    get view() {
      return viewOf(input());
    },
    resetZoom() {
      zoom = null;
      onView();
    },
    xAtPixel: (pixel) => chart.scales.x?.getValueForPixel(pixel) ?? null,
    pixelOfX: (x) => chart.scales.x?.getPixelForValue(x) ?? null,
    get area() {
      const { left, right, top, bottom } = chart.chartArea;
      return { left, right, top, bottom };
    },
    canvas,
    destroy: () => chart.destroy(),
  };
}

function asAnnotation(x: number, { label, labelAt, color }: ChartMark, tokens: ThemeTokens): AnnotationOptions {
  return {
    type: 'line',
    xMin: x,
    xMax: x,
    borderColor: color,
    borderWidth: 1,
    borderDash: [4, 3],
    label: {
      display: true,
      content: label,
      position: labelAt === 'top' ? 'end' : 'start',
      backgroundColor: tokens.sunken,
      color: tokens.textMuted,
      font: { size: 10, weight: 'normal' },
      padding: 3,
      borderRadius: 3,
    },
  };
}
