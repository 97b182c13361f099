import { z } from 'zod';

/** Calls a client keeps under way at a time; further ones wait in it. A host refuses more than twice as many. */
export const maxCallsInFlight = 32;

/** Calls that may wait in a client before it refuses more. */
export const maxCallsWaiting = 10_000;

/** How much one message from a client may hold, see `plainDataSize`. The largest honest one is a note of 100,000 characters. */
export const maxRequestBytes = 2 ** 20;

/** How deep objects and arrays of a message from a client may lie in each other. */
export const maxRequestDepth = 64;

/** A request as birpc writes it; whatever else arrives is refused before birpc sees it. */
export const requestSchema = z.strictObject({
  t: z.literal('q'),
  i: z.string().min(1).max(64),
  m: z.literal('call'),
  a: z.tuple([z.string().max(100), z.string().max(100), z.unknown()]),
});

export const replySchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({
    ok: z.literal(false),
    error: z.object({
      code: z.string(),
      message: z.string(),
      details: z
        .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]))
        .optional(),
    }),
  }),
]);
/** How a call ended. Failures are values, so that they cross every kind of port whole. */
export type Reply = z.infer<typeof replySchema>;

export const responseSchema = z.object({ t: z.literal('s'), i: z.string(), r: replySchema });
export const eventSchema = z.object({
  t: z.literal('q'),
  m: z.literal('event'),
  a: z.tuple([z.string(), z.unknown()]),
});

/** What a host offers to birpc. */
export interface HostFunctions {
  call(service: string, method: string, params: unknown): Promise<Reply>;
}

/** What a client offers to birpc. */
export interface ClientFunctions {
  event(name: string, payload: unknown): void;
}
