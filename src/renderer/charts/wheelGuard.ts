/** How long after a turn of the wheel the next one still belongs to the same movement. */
const sameMovementMs = 300;

/**
 * Decides whether the wheel over a chart zooms or scrolls the page. A movement of the wheel that began elsewhere goes on
 * scrolling when a chart passes under the mouse; with Ctrl it always zooms.
 */
export function createWheelGuard(wheelZooms: () => boolean): {
  /** to be told every turn of the wheel on the page, before the chart is */
  onWheel(event: WheelEvent, isOverChart: boolean): void;
  accepts(event: WheelEvent): boolean;
} {
  let lastMs = -Infinity;
  let beganOverChart = false;
  return {
    onWheel({ timeStamp }, isOverChart) {
      if (timeStamp - lastMs > sameMovementMs) beganOverChart = isOverChart;
      lastMs = timeStamp;
    },
    accepts: (event) => event.ctrlKey || event.metaKey || (wheelZooms() && beganOverChart),
  };
}
