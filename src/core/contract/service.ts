import type { z } from 'zod';

/** One callable of a service: what it takes and what it answers, both checked where they enter a process. */
export interface MethodSpec<Params extends z.ZodType = z.ZodType, Result extends z.ZodType = z.ZodType> {
  params: Params;
  result: Result;
}

export function method<Params extends z.ZodType, Result extends z.ZodType>(
  params: Params,
  result: Result,
): MethodSpec<Params, Result> {
  return { params, result };
}

/** The methods of a service by name; every method takes one object and answers a promise. */
export type Contract = Readonly<Record<string, MethodSpec>>;

export type ServiceOf<C extends Contract> = {
  [Name in keyof C]: (params: z.input<C[Name]['params']>) => Promise<z.output<C[Name]['result']>>;
};

/** Events a service sends to whoever subscribed, by name. */
export type EventContract = Readonly<Record<string, z.ZodType>>;

export type EventsOf<E extends EventContract> = { [Name in keyof E]: z.output<E[Name]> };

/** Ends a subscription; calling it twice does nothing. */
export type Unsubscribe = () => void;
