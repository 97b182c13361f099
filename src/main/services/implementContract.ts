import type { z } from 'zod';
import { parseParams } from '../../core/contract/parseParams.ts';
import type { Contract, ServiceOf } from '../../core/contract/service.ts';

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
    async (input: unknown) => implementation[name]!(parseParams(name, params, input) as never),
  ]);
  return Object.fromEntries(entries) as ServiceOf<C>;
}
