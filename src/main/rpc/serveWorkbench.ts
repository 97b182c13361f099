import { createBirpc } from 'birpc';
import { parseParams } from '../../core/contract/parseParams.ts';
import type { Contract, ServiceOf, Unsubscribe } from '../../core/contract/service.ts';
import {
  workbenchContract,
  workbenchEvents,
  type WorkbenchClient,
  type WorkbenchEvents,
  type WorkbenchServices,
} from '../../core/contract/workbench.ts';
import { AppError, toWire } from '../../core/errors.ts';
import { plainDataProblem } from '../../core/rpc/plainData.ts';
import type { Port } from '../../core/rpc/port.ts';
import {
  maxCallsInFlight,
  maxRequestBytes,
  maxRequestDepth,
  requestSchema,
  type ClientFunctions,
  type HostFunctions,
  type Reply,
} from '../../core/rpc/wire.ts';
import { conflateMetrics } from './conflateMetrics.ts';

export interface ServeOptions {
  /** a message was refused; the conversation goes on */
  onRefused?: (error: AppError) => void;
  after?: (delayMs: number, callback: () => void) => Unsubscribe;
}

const startTimer = (delayMs: number, callback: () => void): Unsubscribe => {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
};

/**
 * Answers the calls of one client and sends it every event, until the port closes or the returned function is called.
 * Only what the contract names can be called, with parameters the contract accepts; everything else is answered with an
 * error, or dropped where there is nothing to answer to. Metrics are conflated, see `conflateMetrics`.
 */
export function serveWorkbench(
  port: Port,
  services: WorkbenchServices,
  subscribe: WorkbenchClient['on'],
  { onRefused = () => {}, after = startTimer }: ServeOptions = {},
): Unsubscribe {
  let callsInFlight = 0;

  const call = async (service: string, method: string, params: unknown): Promise<Reply> => {
    if (callsInFlight >= 2 * maxCallsInFlight) {
      const error = new AppError('notAllowed', `${callsInFlight} requests are under way already; wait for answers.`);
      return { ok: false, error: toWire(error) };
    }
    callsInFlight++;
    try {
      return { ok: true, value: await callService(services, service, method, params) };
    } catch (error) {
      return { ok: false, error: toWire(error) };
    } finally {
      callsInFlight--;
    }
  };

  /** A result that cannot cross the port, such as one that holds a function, must not leave its caller waiting. */
  const answerUnsendable = (message: unknown, cause: unknown): void => {
    const error = new AppError('internal', `A message could not be sent: ${String(cause)}`, { cause });
    onRefused(error);
    const id = idOf(message);
    if (id !== null) port.send({ t: 's', i: id, r: { ok: false, error: toWire(error) } satisfies Reply });
  };

  let stopListening: Unsubscribe = () => {};
  const rpc = createBirpc<ClientFunctions, HostFunctions, false>(
    { call },
    {
      proxify: false,
      timeout: -1,
      post: (message) => {
        try {
          port.send(message);
        } catch (error) {
          answerUnsendable(message, error);
        }
      },
      on: (deliver) => {
        stopListening = port.onMessage((message) => {
          const problem = problemOf(message);
          if (problem === null) return deliver(message);
          const error = new AppError('malformedMessage', `The request was refused: ${problem}.`);
          onRefused(error);
          const id = idOf(message);
          if (id !== null) port.send({ t: 's', i: id, r: { ok: false, error: toWire(error) } satisfies Reply });
        });
      },
    },
  );

  const sendEvent = <Name extends keyof WorkbenchEvents>(name: Name, payload: WorkbenchEvents[Name]): void => {
    // rejects only after closing, when nobody listens
    rpc.$callEvent('event', name, payload).catch(() => undefined);
  };
  const metrics = conflateMetrics((batch) => sendEvent('metricsCommitted', batch), {
    after,
    isCongested: () => port.isCongested?.() ?? false,
  });
  const plainEvents = (Object.keys(workbenchEvents) as (keyof WorkbenchEvents)[]).filter(
    (name) => name !== 'metricsCommitted',
  );
  const undo = [
    // what a run's end means for its curves is in the batches before it
    subscribe('runChanged', (run) => metrics.flush(run.id)),
    subscribe('metricsCommitted', metrics.add),
    ...plainEvents.map((name) => subscribe(name, (payload) => sendEvent(name, payload))),
  ];

  let isClosed = false;
  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    for (const stop of undo) stop();
    metrics.close();
    stopWatching();
    stopListening();
    rpc.$close();
  };
  const stopWatching = port.onClose(close);
  return close;
}

/** Why a message is no request, or null. */
function problemOf(message: unknown): string | null {
  const shape = plainDataProblem(message, { maxBytes: maxRequestBytes, maxDepth: maxRequestDepth });
  if (shape !== null) return shape;
  return requestSchema.safeParse(message).success ? null : 'it is not a call of the form (service, method, parameters)';
}

/** The id of a refused request, so that its sender does not wait for ever. */
function idOf(message: unknown): string | null {
  if (typeof message !== 'object' || message === null || !Object.hasOwn(message, 'i')) return null;
  const { i } = message as { i: unknown };
  return typeof i === 'string' && i.length > 0 && i.length <= 64 ? i : null;
}

async function callService(
  services: WorkbenchServices,
  service: string,
  method: string,
  params: unknown,
): Promise<unknown> {
  const contracts: Record<string, Contract> = workbenchContract;
  const contract = Object.hasOwn(contracts, service) ? contracts[service] : undefined;
  const spec = contract && Object.hasOwn(contract, method) ? contract[method] : undefined;
  if (!spec) throw new AppError('notAllowed', `The workbench offers no "${service}.${method}".`);
  const checked = parseParams(`${service}.${method}`, spec.params, params);
  const target = services[service as keyof WorkbenchServices] as ServiceOf<Contract>;
  return target[method]!(checked);
}
