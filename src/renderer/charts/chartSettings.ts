import { z } from 'zod';

/** What charts of a page have in common; remembered. */
export const chartSettingsSchema = z.object({
  xMode: z.enum(['step', 'epoch', 'time']).catch('step'),
  isLogX: z.boolean().catch(false),
  /** factor of the moving average, 0 (none) to 0.999 */
  smoothing: z.number().min(0).max(0.999).catch(0.6),
  /** whether metrics measured once per epoch are smoothed too */
  smoothsEpochs: z.boolean().catch(false),
  /** whether the mouse wheel over a chart zooms; otherwise it scrolls the page and zooms with Ctrl */
  wheelZooms: z.boolean().catch(true),
});
export type ChartSettings = z.output<typeof chartSettingsSchema>;
export type XMode = ChartSettings['xMode'];

/** What one chart has for itself; remembered by its metric. */
export const axisSettingsSchema = z.object({
  isLogY: z.boolean().catch(false),
  /** limits set by hand; null fits the data */
  yMin: z.number().nullable().catch(null),
  yMax: z.number().nullable().catch(null),
});
export type AxisSettings = z.output<typeof axisSettingsSchema>;

const asObject = (stored: unknown): object => (typeof stored === 'object' && stored !== null ? stored : {});
export const readChartSettings = (stored: unknown): ChartSettings => chartSettingsSchema.parse(asObject(stored));
export const readAxisSettings = (stored: unknown): AxisSettings => axisSettingsSchema.parse(asObject(stored));
