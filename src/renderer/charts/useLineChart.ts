import { useDebounceFn, useEventListener, useIntersectionObserver } from '@vueuse/core';
import { onBeforeUnmount, onMounted, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { createLineChart, type LineChart, type LineChartInput } from './lineChart.ts';
import type { FittedChart } from './fitLines.ts';
import type { FrameReason } from './frameScheduler.ts';
import { useChartPage } from './useChartPage.ts';
import { createWheelGuard } from './wheelGuard.ts';

export interface UseLineChart {
  chart: Readonly<ShallowRef<LineChart | null>>;
  /** what the last frame showed; replaced with every frame */
  fitted: Readonly<ShallowRef<FittedChart | null>>;
  isZoomed: Readonly<ShallowRef<boolean>>;
  /** it was on the screen once; until then nothing needs to be read for it */
  wasSeen: Readonly<ShallowRef<boolean>>;
  /** Has the chart drawn with the next frame. */
  refresh(): void;
}

const refineDelayMs = 150;

/**
 * Keeps a chart on a canvas current: drawn in the page's frames whenever its input or one of its series changes, and only
 * while it can be seen.
 */
export function useLineChart(canvas: Ref<HTMLCanvasElement | null>, input: () => LineChartInput): UseLineChart {
  const { scheduler } = useChartPage();
  const chart = shallowRef<LineChart | null>(null);
  const fitted = shallowRef<FittedChart | null>(null);
  const isZoomed = shallowRef(false);
  const wasSeen = shallowRef(false);
  let isVisible = false;
  let isDirty = true;

  const draw = (): void => {
    if (!chart.value) return;
    isDirty = false;
    fitted.value = chart.value.render();
    isZoomed.value = chart.value.isZoomed;
  };
  const redraw = (reason: FrameReason): void => {
    isDirty = true;
    if (isVisible) scheduler.request(draw, reason);
  };
  const refresh = (): void => redraw('input');
  const refreshLater = (): void => redraw('data');
  const refine = useDebounceFn(() => {
    const { value } = chart;
    if (value?.isZoomed) for (const line of input().lines) line.refine(value.view, refresh);
  }, refineDelayMs);

  const guard = createWheelGuard(() => input().settings.wheelZooms);
  useEventListener(
    window,
    'wheel',
    (event) => guard.onWheel(event, canvas.value !== null && event.composedPath().includes(canvas.value)),
    { capture: true, passive: true },
  );

  onMounted(() => {
    chart.value = createLineChart(canvas.value!, {
      input,
      onView() {
        refresh();
        void refine();
      },
      acceptsWheel: guard.accepts,
    });
    refresh();
  });
  useIntersectionObserver(canvas, (entries) => {
    isVisible = entries.at(-1)?.isIntersecting ?? false;
    if (isVisible) wasSeen.value = true;
    if (isVisible && isDirty) refresh();
  });
  watch(input, refresh);
  watch(
    () => input().lines,
    (lines, _before, onCleanup) => {
      const sources = new Set(lines.flatMap((line) => line.sources));
      const stops = [...sources].map((source) => source.onChange(refreshLater));
      onCleanup(() => stops.forEach((stop) => stop()));
    },
    { immediate: true },
  );
  onBeforeUnmount(() => {
    scheduler.cancel(draw);
    chart.value?.destroy();
    chart.value = null;
  });

  return { chart, fitted, isZoomed, wasSeen, refresh };
}
