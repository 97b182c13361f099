import type { Unsubscribe } from '../../core/contract/service.ts';
import { workbenchEvents, type WorkbenchClient, type WorkbenchEvents } from '../../core/contract/workbench.ts';
import { AppError, asAppError } from '../../core/errors.ts';
import { createClient, remoteServices, type RemoteWorkbench } from '../../core/rpc/createClient.ts';
import type { OwnedPort } from '../../core/rpc/port.ts';

/** connecting: at first. open: calls are answered. lost: calls reject with `disconnected`; it is tried again and again. */
export type ConnectionState = 'connecting' | 'open' | 'lost';

export interface WorkbenchConnection {
  /** The same object for the whole life of the page. Calls made while connecting wait; subscriptions outlive a loss. */
  client: WorkbenchClient;
  state(): ConnectionState;
  /** Called with every change of state. */
  onState(listener: (state: ConnectionState) => void): Unsubscribe;
  /** Called when the connection is open again after a loss: whatever is shown may be old and should be read anew. */
  onReconnect(listener: () => void): Unsubscribe;
  close(): void;
}

export interface ConnectionOptions {
  openPort: () => Promise<OwnedPort>;
  /** Calls back once after a time, unless undone. */
  after: (delayMs: number, callback: () => void) => Unsubscribe;
  /** uniform over [0, 1) */
  randomFloat: () => number;
  /** a listener failed, or the host sent what cannot be understood */
  onError: (error: AppError) => void;
}

const firstDelayMs = 200;
const longestDelayMs = 5_000;

const unreachable = (): AppError =>
  new AppError(
    'disconnected',
    'The workbench does not answer; its window or terminal may have been closed. Trying again.',
  );

/** A client that connects again whenever its port closes, after 0.2 s at first and up to 5 s later. */
export function createConnection({ openPort, after, randomFloat, onError }: ConnectionOptions): WorkbenchConnection {
  const stateListeners = new Set<(state: ConnectionState) => void>();
  const reconnectListeners = new Set<() => void>();
  const eventListeners = new Map<string, Set<(payload: never) => void>>();
  let state: ConnectionState = 'connecting';
  let remote: RemoteWorkbench | undefined;
  let port: OwnedPort | undefined;
  const first = Promise.withResolvers<void>();
  // a page may have no call waiting when the first attempt fails
  first.promise.catch(() => undefined);
  let failures = 0;
  let isClosed = false;
  let cancelRetry: Unsubscribe = () => {};

  const tell = <Value>(listeners: Iterable<(value: Value) => void>, value: Value): void => {
    for (const listener of listeners) {
      try {
        listener(value);
      } catch (error) {
        onError(asAppError(error));
      }
    }
  };
  const enter = (next: ConnectionState): void => {
    if (state === next) return;
    state = next;
    tell(stateListeners, next);
  };

  const onLost = (): void => {
    if (isClosed) return;
    remote?.close();
    remote = undefined;
    port = undefined;
    enter('lost');
    first.reject(unreachable());
    const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** failures++);
    cancelRetry = after(delayMs * (0.75 + randomFloat() / 2), open);
  };
  const onOpen = (opened: OwnedPort): void => {
    if (isClosed) return opened.close();
    failures = 0;
    port = opened;
    remote = createClient(opened, { onError });
    for (const name of Object.keys(workbenchEvents) as (keyof WorkbenchEvents)[]) {
      remote.on(name, (payload) =>
        tell((eventListeners.get(name) ?? []) as Iterable<(value: unknown) => void>, payload),
      );
    }
    opened.onClose(onLost);
    const isAgain = state === 'lost';
    enter('open');
    first.resolve();
    if (isAgain) tell(reconnectListeners, undefined);
  };
  const open = (): void => {
    openPort().then(onOpen, onLost);
  };
  open();

  const call = async (service: string, method: string, params: unknown): Promise<unknown> => {
    if (state === 'connecting') await first.promise;
    if (!remote) throw unreachable();
    const target = remote[service as 'runs'] as unknown as Record<string, (input: unknown) => Promise<unknown>>;
    return target[method]!(params);
  };
  const addTo = <Listener>(listeners: Set<Listener>, listener: Listener): Unsubscribe => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };

  return {
    client: {
      ...remoteServices(call),
      on(name, listener) {
        const own = eventListeners.get(name) ?? new Set();
        eventListeners.set(name, own);
        return addTo(own, (payload: never) => listener(payload));
      },
    },
    state: () => state,
    onState: (listener) => addTo(stateListeners, (next) => listener(next)),
    onReconnect: (listener) => addTo(reconnectListeners, () => listener()),
    close() {
      isClosed = true;
      cancelRetry();
      remote?.close();
      port?.close();
      remote = undefined;
      first.reject(unreachable());
    },
  };
}
