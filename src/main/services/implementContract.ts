import type { z } from 'zod';
import type { Contract, ServiceOf } from '../../core/contract/service.ts';
import { AppError } from '../../core/errors.ts';

/** The methods of a contract with their parameters already checked and completed. */
export type Implementation<C extends Contract> = {
  [Name in keyof C]: (
    params: z.output<C[Name]['params']>,
  ) => z.output<C[Name]['result']> | Promise<z.output<C[Name]['result']>>;
};

/** Makes a service whose every call checks its parameters first. Bad ones reject with AppError `badUsage`. */
export function implementContract<C extends Contract>(contract: C, implementation: Implementation<C>): ServiceOf<C> {
  const entries = Object.entries(contract).map(([name, { params }]) => [
    name,
    async (input: unknown) => {
      const parsed = params.safeParse(input);
      if (!parsed.success) {
        const problems = parsed.error.issues.map(
          (issue) => `${issue.path.join('.') || 'parameters'}: ${issue.message}`,
        );
        throw new AppError('badUsage', `The request "${name}" is not valid: ${problems.join('; ')}.`, {
          details: { problems },
        });
      }
      return implementation[name]!(parsed.data as never);
    },
  ]);
  return Object.fromEntries(entries) as ServiceOf<C>;
}
