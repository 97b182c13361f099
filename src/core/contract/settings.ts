import { z } from 'zod';
import { method, type EventsOf, type ServiceOf } from './service.ts';

export const settingsSchema = z.object({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** runs that train at a time */
  concurrency: z.int().min(1).max(8).default(1),
  /** periodic checkpoints a new run keeps; the form starts from it */
  keepCheckpoints: z.int().min(1).max(100).default(2),
  /** what the device `auto` of a run stands for: a device's id, or `auto` for the fastest that works */
  device: z.string().max(200).default('auto'),
  /** what leaving the app does while runs train: ask, or pause them at a checkpoint without asking */
  quitWhileTraining: z.enum(['ask', 'pause']).default('ask'),
  notifications: z.boolean().default(true),
  /** what views remember (columns, sort order, chart choices), each under a key of its own; opaque to the host */
  views: z.record(z.string().max(100), z.json()).default({}),
});
export type Settings = z.output<typeof settingsSchema>;

/** Only what is named changes; keys of `views` are merged, null removes one. */
export const settingsChangeSchema = z
  .object({
    theme: z.enum(['system', 'light', 'dark']),
    concurrency: z.int().min(1).max(8),
    keepCheckpoints: z.int().min(1).max(100),
    device: z.string().max(200),
    quitWhileTraining: z.enum(['ask', 'pause']),
    notifications: z.boolean(),
    views: z.record(z.string().max(100), z.json()),
  })
  .partial();
export type SettingsChange = z.input<typeof settingsChangeSchema>;

export const settingsContract = {
  get: method(z.object({}), settingsSchema),
  change: method(settingsChangeSchema, settingsSchema),
} as const;
export type SettingsService = ServiceOf<typeof settingsContract>;

export const settingsEvents = { settingsChanged: settingsSchema } as const;
export type SettingsEvents = EventsOf<typeof settingsEvents>;
