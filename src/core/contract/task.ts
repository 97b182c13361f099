import { z } from 'zod';

/** classes: y holds class indices 0..classCount-1. regression: y holds one float target per row. */
export const taskSchema = z.enum(['classes', 'regression']);
export type Task = z.infer<typeof taskSchema>;
