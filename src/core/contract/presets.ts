import { z } from 'zod';
import { method, type ServiceOf } from './service.ts';

/** A configuration kept under a name by the user. */
export const presetSchema = z.object({
  name: z.string().min(1).max(200),
  /** what a user may write of a run configuration; checked when it is used */
  config: z.record(z.string(), z.json()),
  createdAtMs: z.number(),
});
export type Preset = z.infer<typeof presetSchema>;

export const presetsContract = {
  list: method(z.object({}), z.array(presetSchema)),
  /** Saves under a name; one of the same name is replaced. */
  save: method(presetSchema.pick({ name: true, config: true }), presetSchema),
  remove: method(z.object({ name: z.string() }), z.object({})),
} as const;
export type PresetsService = ServiceOf<typeof presetsContract>;
