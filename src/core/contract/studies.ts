import { z } from 'zod';
import { studySpecSchema } from '../studies/studySpec.ts';
import { method, type EventsOf, type ServiceOf } from './service.ts';

/**
 * draft        created and not started
 * running      its runs train or wait in the queue
 * stopped      ended by the user, or some of its runs did not come to their end; can go on
 * interrupted  the program went away; can go on
 * completed    every run came to its end, by its last epoch, an error of its own or the stopping rule
 */
export const studyStatuses = ['draft', 'running', 'stopped', 'interrupted', 'completed'] as const;
export const studyStatusSchema = z.enum(studyStatuses);
export type StudyStatus = z.infer<typeof studyStatusSchema>;

export const studyRunSchema = z.object({
  /** place in the order in which the runs of a study are trained */
  position: z.int(),
  settingId: z.string(),
  seed: z.int(),
  /** null until its turn has come near, or after its run was removed for good */
  runId: z.string().nullable(),
  /** the epoch after which the stopping rule ended it, and its objective there; null for all others */
  prunedEpoch: z.int().nullable(),
  prunedValue: z.number().nullable(),
});
export type StudyRun = z.infer<typeof studyRunSchema>;

export const studySchema = z.object({
  id: z.string(),
  name: z.string(),
  note: z.string(),
  status: studyStatusSchema,
  spec: studySpecSchema,
  createdAtMs: z.number(),
  startedAtMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
  runs: z.array(studyRunSchema),
});
export type Study = z.infer<typeof studySchema>;

const studyRef = z.object({ studyId: z.string() });

export const studiesContract = {
  /** Checks the study and keeps it; nothing trains before `start`. */
  create: method(
    z.object({
      name: z.string().trim().min(1).max(200),
      note: z.string().max(100_000).default(''),
      spec: z.unknown(),
    }),
    studySchema,
  ),
  /** newest first */
  list: method(z.object({}), z.array(studySchema)),
  get: method(studyRef, studySchema),
  /** Finds a study by id, unique beginning of an id or unique name. */
  find: method(z.object({ text: z.string() }), studySchema),
  /** Puts the runs that are missing into the queue and lets those that were stopped or interrupted go on. */
  start: method(studyRef, studySchema),
  /** Takes its waiting runs out of the queue and stops those that train at a checkpoint. */
  stop: method(studyRef, studySchema),
  rename: method(studyRef.extend({ name: z.string().trim().min(1).max(200) }), studySchema),
  setNote: method(studyRef.extend({ note: z.string().max(100_000) }), studySchema),
  /** Removes the study; its runs stay, or are moved to the trash. A running study is refused. */
  delete: method(studyRef.extend({ withRuns: z.boolean().default(false) }), z.object({})),
} as const;
export type StudiesService = ServiceOf<typeof studiesContract>;

export const studiesEvents = {
  /** A study was created, or its status or the runs that belong to it changed. */
  studyChanged: studySchema,
  studyRemoved: studyRef,
} as const;
export type StudiesEvents = EventsOf<typeof studiesEvents>;
