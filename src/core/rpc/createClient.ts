import { createBirpc } from 'birpc';
import type { Unsubscribe } from '../contract/service.ts';
import {
  workbenchContract,
  workbenchEvents,
  type WorkbenchClient,
  type WorkbenchEvents,
  type WorkbenchServices,
} from '../contract/workbench.ts';
import { AppError, asAppError, fromWire } from '../errors.ts';
import type { Port } from './port.ts';
import {
  eventSchema,
  maxCallsInFlight,
  maxCallsWaiting,
  responseSchema,
  type ClientFunctions,
  type HostFunctions,
} from './wire.ts';

export interface ClientOptions {
  /** a listener of an event threw, or the host sent what cannot be understood */
  onError: (error: AppError) => void;
}

/** A workbench at the other end of a port. */
export interface RemoteWorkbench extends WorkbenchClient {
  /** Ends the conversation; calls under way reject. The port itself belongs to whoever opened it. */
  close(): void;
}

const disconnected = (): AppError =>
  new AppError(
    'disconnected',
    'The connection to the workbench was lost before it answered. Whether the request took effect is seen after connecting again.',
  );

/**
 * The services of a host at the other end of a port. A call rejects with the host's AppError, with `disconnected` when the
 * port closes first, and with `badUsage` for parameters that are not plain data. Results and events are taken as the
 * host sends them, because whoever gave the client its program can also speak through it.
 */
export function createClient(port: Port, { onError }: ClientOptions): RemoteWorkbench {
  const listeners = new Map<string, Set<(payload: never) => void>>();
  const waiting: (() => void)[] = [];
  let callsInFlight = 0;
  let isClosed = false;

  const emit = (name: string, payload: unknown): void => {
    for (const listener of listeners.get(name) ?? []) {
      try {
        (listener as (value: unknown) => void)(payload);
      } catch (error) {
        onError(asAppError(error));
      }
    }
  };

  let stopListening: Unsubscribe = () => {};
  const rpc = createBirpc<HostFunctions, ClientFunctions, false>(
    { event: emit },
    {
      proxify: false,
      // how long a call may take is the business of its service; a lost connection is told by the port
      timeout: -1,
      post: (message) => port.send(message),
      on: (deliver) => {
        stopListening = port.onMessage((message) => {
          if (responseSchema.safeParse(message).success || eventSchema.safeParse(message).success) deliver(message);
          else onError(new AppError('malformedMessage', 'The workbench sent a message that cannot be understood.'));
        });
      },
    },
  );

  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    stopListening();
    stopWatching();
    rpc.$close(disconnected());
    for (const start of waiting.splice(0)) start();
    listeners.clear();
  };
  const stopWatching = port.onClose(close);

  /** Resolves when the call may begin. */
  const turn = async (): Promise<void> => {
    if (callsInFlight < maxCallsInFlight) {
      callsInFlight++;
      return;
    }
    if (waiting.length >= maxCallsWaiting) {
      throw new AppError('notAllowed', `${maxCallsWaiting} requests wait for the workbench already; try again later.`);
    }
    // the one that ends hands its place over, so the count stays
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const endTurn = (): void => {
    const next = waiting.shift();
    if (next) next();
    else callsInFlight--;
  };

  const call = async (service: string, method: string, params: unknown): Promise<unknown> => {
    if (isClosed) throw disconnected();
    const plain = plainCopy(params, `${service}.${method}`);
    await turn();
    try {
      if (isClosed) throw disconnected();
      const reply = await rpc.$call('call', service, method, plain);
      if (!reply.ok) throw fromWire(reply.error);
      return reply.value;
    } catch (error) {
      throw asAppError(error);
    } finally {
      endTurn();
    }
  };

  return {
    ...remoteServices(call),
    on<Name extends keyof WorkbenchEvents>(name: Name, listener: (payload: WorkbenchEvents[Name]) => void) {
      if (!Object.hasOwn(workbenchEvents, name)) throw new AppError('badUsage', `There is no event "${name}".`);
      const own = listeners.get(name) ?? new Set();
      listeners.set(name, own);
      // a wrapper of its own, so that one function may subscribe twice
      const entry = (payload: WorkbenchEvents[Name]): void => listener(payload);
      own.add(entry);
      return () => void own.delete(entry);
    },
    close,
  };
}

/** Reactive proxies and undefined values do not survive every port; their JSON does. */
function plainCopy(params: unknown, name: string): unknown {
  try {
    return JSON.parse(JSON.stringify(params ?? {}));
  } catch (error) {
    throw new AppError('badUsage', `The parameters of ${name} are not plain data: ${String(error)}`, { cause: error });
  }
}

/** One function for every method of the contract. */
export function remoteServices(
  call: (service: string, method: string, params: unknown) => Promise<unknown>,
): WorkbenchServices {
  const services = Object.entries(workbenchContract).map(([service, contract]) => [
    service,
    Object.fromEntries(
      Object.keys(contract).map((method) => [method, (params: unknown) => call(service, method, params)]),
    ),
  ]);
  return Object.fromEntries(services) as WorkbenchServices;
}
