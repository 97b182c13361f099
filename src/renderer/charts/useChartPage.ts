import { computed, inject, provide, type ComputedRef, type InjectionKey } from 'vue';
import { useRemembered } from '../stores/settings.ts';
import { readAxisSettings, readChartSettings, type AxisSettings, type ChartSettings } from './chartSettings.ts';
import { createCursorSync, type CursorSync } from './cursorSync.ts';
import { createFrameScheduler, type FrameScheduler } from './frameScheduler.ts';

/** What the charts of one page share: the clock they are drawn by, the cursor, and how they are looked at. */
export interface ChartPage {
  scheduler: FrameScheduler;
  cursor: CursorSync;
  settings: ComputedRef<ChartSettings>;
  change(changes: Partial<ChartSettings>): void;
  axis(chartKey: string): AxisSettings;
  changeAxis(chartKey: string, changes: Partial<AxisSettings>): void;
}

const chartPageKey: InjectionKey<ChartPage> = Symbol('chartPage');

const readAxes = (stored: unknown): Record<string, AxisSettings> => {
  if (typeof stored !== 'object' || stored === null) return {};
  return Object.fromEntries(Object.entries(stored).map(([key, value]) => [key, readAxisSettings(value)]));
};

/** A message that is posted in a frame is delivered once the frame is painted. */
function afterPaint(callback: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener('message', () => {
    port1.close();
    callback();
  });
  port1.start();
  port2.postMessage(null);
}

/** To be called by the view that holds charts. */
export function provideChartPage(): ChartPage {
  const settings = useRemembered('charts', readChartSettings);
  const axes = useRemembered('charts.axes', readAxes);
  const page: ChartPage = {
    scheduler: createFrameScheduler({
      requestFrame: (callback) => void requestAnimationFrame(callback),
      afterPaint,
      nowMs: () => performance.now(),
      // a mark per frame, for measurements from outside; it costs nothing while nobody records
      onFrame: (atMs, durationMs) => performance.measure('charts', { start: atMs, duration: durationMs }),
    }),
    cursor: createCursorSync(),
    settings: computed(() => settings.value),
    change: (changes) => (settings.value = { ...settings.value, ...changes }),
    axis: (chartKey) => axes.value[chartKey] ?? readAxisSettings(undefined),
    changeAxis(chartKey, changes) {
      axes.value = { ...axes.value, [chartKey]: { ...page.axis(chartKey), ...changes } };
    },
  };
  provide(chartPageKey, page);
  return page;
}

export function useChartPage(): ChartPage {
  const page = inject(chartPageKey);
  if (!page) throw new Error('useChartPage needs a view that provides a chart page');
  return page;
}
