import { axes, legend, type Area } from '../plots/axes.ts';
import { contourSegments } from '../plots/contours.ts';
import { linearScale, logScale, type Scale } from '../plots/scale.ts';
import { seriesStyle } from '../plots/seriesColors.ts';
import { element, figure, label, polyline, round, type PlotTheme } from '../plots/svg.ts';
import { findOptimizer } from '../optimizers/catalogue.ts';
import { createPSchedule, pScheduleSchema } from '../schedules/pSchedule.ts';
import { runToy, type ToyResult, type ToyRun } from './runToy.ts';
import { toyFunction, type Point, type ToyFunctionChoice } from './toyFunctions.ts';

export interface ToyDescent {
  label: string;
  run: ToyRun;
}

export interface ToyFigureOptions {
  title: string;
  function: ToyFunctionChoice;
  /** all on `function` */
  descents: readonly ToyDescent[];
  theme: PlotTheme;
  /** what the plane shows; fitted to the descents when left out */
  domain?: { a: readonly [number, number]; b: readonly [number, number] };
}

const contourCells = 120;
const contourLevels = 14;
/** Further out than this times the distance of the start, a descent is drawn to the frame and no further. */
const reach = 1.6;

const minimumOf = (choice: ToyFunctionChoice): Point =>
  typeof choice !== 'string'
    ? choice.centre
    : choice === 'rosenbrock'
      ? [1, 1]
      : choice === 'quadratic'
        ? [0, 0]
        : [1, 4];

/** A square part of the plane with the start, the minimum and what lies between them. */
export function toyDomain(choice: ToyFunctionChoice, starts: readonly Point[]) {
  const [a, b] = minimumOf(choice);
  const half = Math.max(1, ...starts.flatMap(([x, y]) => [Math.abs(x - a), Math.abs(y - b)])) * (reach - 0.35);
  return { a: [a - half, a + half] as const, b: [b - half, b + half] as const };
}

/**
 * The descents over the contours of their function, its value over the steps, and p over the steps where one follows p.
 * Contours are as far apart as equal factors of the value.
 */
export function toyFigure({ title, function: choice, descents, theme, domain }: ToyFigureOptions): string {
  const results = descents.map(({ run }) => runToy(run));
  const size = { width: 960, height: 470 };
  const plane: Area = { left: 62, right: 452, top: 44, bottom: 434 };
  const upper: Area = { left: 548, right: 770, top: 44, bottom: 214 };
  const lower: Area = { left: 548, right: 770, top: 266, bottom: 434 };
  const shown =
    domain ??
    toyDomain(
      choice,
      descents.map(({ run }) => run.start),
    );
  const entries = descents.map((descent, i) => ({
    ...seriesStyle(i, theme.scheme),
    label: results[i]!.diverged ? `${descent.label} (diverged)` : descent.label,
  }));
  const lr = label(upper.right + 14, upper.top - 12, 'Optimizer, learning rate', { size: 10, color: theme.muted });
  return figure(
    size,
    theme,
    title,
    [
      planePart(choice, results, shown, plane, theme, title),
      valuePart(results, upper, theme),
      pPart(descents, lower, theme),
      lr,
      legend(entries, { x: upper.right + 14, y: upper.top + 6 }, theme),
    ].join(''),
  );
}

function planePart(
  choice: ToyFunctionChoice,
  results: readonly ToyResult[],
  domain: { a: readonly [number, number]; b: readonly [number, number] },
  area: Area,
  theme: PlotTheme,
  title: string,
): string {
  const target = toyFunction(choice);
  const x = linearScale(domain.a, [area.left, area.right]);
  const y = linearScale(domain.b, [area.bottom, area.top]);
  const clip = element(
    'clipPath',
    { id: 'toy-plane' },
    element('rect', {
      x: area.left,
      y: area.top,
      width: area.right - area.left,
      height: area.bottom - area.top,
    }),
  );
  const corners = domain.a.flatMap((a) => domain.b.map((b) => target.value([a, b])));
  const top = Math.max(...corners);
  const levels = Array.from({ length: contourLevels }, (_, i) => top * 10 ** (-4.5 * (1 - (i + 0.5) / contourLevels)));
  const contours = levels.map((level, i) => {
    const segments = contourSegments((a, b) => target.value([a, b]), level, { x: domain.a, y: domain.b }, contourCells);
    const path = segments
      .map(([x1, y1, x2, y2]) => `M${round(x.at(x1))} ${round(y.at(y1))}L${round(x.at(x2))} ${round(y.at(y2))}`)
      .join('');
    return element('path', {
      d: path,
      stroke: theme.muted,
      'stroke-opacity': 0.22 + (0.3 * (contourLevels - i)) / contourLevels,
      'stroke-width': 0.8,
      fill: 'none',
    });
  });
  // what has left the plane is drawn to a place just outside it
  const clamp = (value: number): number => Math.min(5_000, Math.max(-5_000, value));
  const ways = results.map(({ trajectory }, i) => {
    const { color, dash } = seriesStyle(i, theme.scheme);
    const points = trajectory.map(([a, b]) => [clamp(x.at(a)), clamp(y.at(b))] as const);
    const dots = points
      .slice(0, 60)
      .map(([cx, cy]) => element('circle', { cx, cy, r: 1.9, fill: color }))
      .join('');
    return (
      polyline(points, {
        stroke: color,
        'stroke-width': 1.6,
        'stroke-opacity': 0.9,
        'stroke-dasharray': dash.length ? dash.join(' ') : undefined,
      }) + dots
    );
  });
  const [a, b] = minimumOf(choice);
  const start = results[0]?.trajectory[0];
  const marks = [
    element('path', {
      d: `M${x.at(a) - 5} ${y.at(b)}h10M${x.at(a)} ${y.at(b) - 5}v10`,
      stroke: theme.ink,
      'stroke-width': 1.6,
    }),
    ...(start
      ? [
          element('circle', {
            cx: x.at(start[0]),
            cy: y.at(start[1]),
            r: 4,
            fill: 'none',
            stroke: theme.ink,
            'stroke-width': 1.4,
          }),
        ]
      : []),
  ].join('');
  const clipped = element('g', { 'clip-path': 'url(#toy-plane)' }, contours.join('') + ways.join('') + marks);
  return axes({ area, theme, x, y, xLabel: 'a', yLabel: 'b', title }) + clip + clipped;
}

/** Values below this are drawn on it: the axis would spend most of its length on numbers that are all as good as zero. */
const leastValue = 1e-6;

function valuePart(results: readonly ToyResult[], area: Area, theme: PlotTheme): string {
  const steps = Math.max(1, ...results.map(({ trajectory }) => trajectory.length - 1));
  const values = results.flatMap(({ trajectory }) => trajectory.map(([, , f]) => Math.max(leastValue, f)));
  const start = Math.max(...results.map(({ trajectory }) => trajectory[0]![2]), leastValue);
  const x = linearScale([0, steps], [area.left, area.right], 5);
  const y = everySecond(
    logScale([Math.min(...values), Math.min(Math.max(...values), 100 * start)], [area.bottom, area.top]),
  );
  const lines = results.map(({ trajectory }, i) => {
    const { color, dash } = seriesStyle(i, theme.scheme);
    const points = trajectory.flatMap(([, , f], step) => {
      const at = y.at(Math.max(leastValue, f));
      return at < area.top - 1 ? [] : [[x.at(step), at] as const];
    });
    return polyline(points, {
      stroke: color,
      'stroke-width': 1.6,
      'stroke-dasharray': dash.length ? dash.join(' ') : undefined,
    });
  });
  return axes({ area, theme, x, y, xLabel: 'step', yLabel: 'f(a, b)' }) + lines.join('');
}

/** A log axis over many decades names every second or third of them. */
function everySecond(scale: Scale): Scale {
  const stride = Math.ceil(scale.ticks.length / 6);
  return { ...scale, ticks: scale.ticks.filter((_, i) => i % stride === 0) };
}

function pPart(descents: readonly ToyDescent[], area: Area, theme: PlotTheme): string {
  const followers = descents.flatMap(({ run }, i) => {
    if (!findOptimizer(run.optimizer).usesPSchedule) return [];
    const schedule = createPSchedule(run.pSchedule ?? pScheduleSchema.parse({}), {
      epochs: run.steps,
      stepsPerEpoch: 1,
    });
    return [{ i, ps: Array.from({ length: run.steps }, (_, step) => schedule.at(step, 0).p) }];
  });
  const steps = Math.max(1, ...descents.map(({ run }) => run.steps));
  const greatest = Math.max(3, ...followers.flatMap(({ ps }) => ps));
  const x = linearScale([0, steps], [area.left, area.right], 5);
  const y = linearScale([2, greatest], [area.bottom, area.top], 5);
  const lines = followers.map(({ i, ps }) => {
    const { color, dash } = seriesStyle(i, theme.scheme);
    return polyline(
      ps.map((p, step) => [x.at(step), y.at(p)] as const),
      { stroke: color, 'stroke-width': 1.6, 'stroke-dasharray': dash.length ? dash.join(' ') : undefined },
    );
  });
  const note =
    followers.length === 0
      ? label((area.left + area.right) / 2, (area.top + area.bottom) / 2, 'none of these follows p', {
          size: 10.5,
          color: theme.muted,
          anchor: 'middle',
        })
      : '';
  return axes({ area, theme, x, y, xLabel: 'step', yLabel: 'p' }) + lines.join('') + note;
}
