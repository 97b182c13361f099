import type { z } from 'zod';
import { AppError } from '../errors.ts';

/** Checks and completes the parameters of a method. Throws AppError `badUsage` with every problem in `details.problems`. */
export function parseParams<Params extends z.ZodType>(name: string, params: Params, input: unknown): z.output<Params> {
  const parsed = params.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'parameters'}: ${issue.message}`);
  throw new AppError('badUsage', `The request "${name}" is not valid: ${problems.join('; ')}.`, {
    details: { problems },
  });
}
