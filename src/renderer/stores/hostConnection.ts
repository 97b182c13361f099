import type { Unsubscribe } from '../../core/contract/service.ts';
import type { WorkbenchClient, WorkbenchEvents } from '../../core/contract/workbench.ts';
import { asAppError, type AppError } from '../../core/errors.ts';
import { remoteServices } from '../../core/rpc/createClient.ts';
import type { Link } from '../rpc/connect.ts';

export type ConnectionState =
  | { kind: 'connecting' }
  | { kind: 'connected' }
  /** tried again by itself, at the time given in milliseconds since 1970 */
  | { kind: 'lost'; error: AppError; retryAtMs: number };

export interface HostConnection {
  /** Stays the same over reconnections: calls wait for a connection, listeners are carried over to the next one. */
  client: WorkbenchClient;
  /** Called at once with the present state, then at every change. */
  watch(listener: (state: ConnectionState) => void): Unsubscribe;
  /** Tries now instead of at the next planned time. */
  retry(): void;
}

export interface HostConnectionOptions {
  open: () => Promise<Link>;
  nowMs: () => number;
  /** Calls back after so many milliseconds; the answer calls it off. */
  later: (callback: () => void, delayMs: number) => () => void;
  lost: () => AppError;
}

type EventName = keyof WorkbenchEvents;
interface Subscription {
  attach(client: WorkbenchClient): void;
}

const firstDelayMs = 500;
const longestDelayMs = 10_000;

/** Keeps one connection to a host, opening it again whenever it is lost, with growing pauses between the attempts. */
export function keepConnected({ open, nowMs, later, lost }: HostConnectionOptions): HostConnection {
  const subscriptions = new Set<Subscription>();
  const watchers = new Set<(state: ConnectionState) => void>();
  let state: ConnectionState = { kind: 'connecting' };
  let link = Promise.withResolvers<WorkbenchClient>();
  let delayMs = firstDelayMs;
  let cancelRetry: (() => void) | null = null;

  const change = (next: ConnectionState): void => {
    state = next;
    for (const watcher of watchers) watcher(next);
  };

  const planRetry = (error: AppError): void => {
    cancelRetry = later(attempt, delayMs);
    change({ kind: 'lost', error, retryAtMs: nowMs() + delayMs });
    delayMs = Math.min(2 * delayMs, longestDelayMs);
  };

  const onLost = (): void => {
    link = Promise.withResolvers();
    planRetry(lost());
  };

  function attempt(): void {
    cancelRetry?.();
    cancelRetry = null;
    change({ kind: 'connecting' });
    open().then(
      ({ client, onClose }) => {
        delayMs = firstDelayMs;
        onClose(onLost);
        for (const subscription of subscriptions) subscription.attach(client);
        link.resolve(client);
        change({ kind: 'connected' });
      },
      (error: unknown) => planRetry(asAppError(error)),
    );
  }

  const on = <Name extends EventName>(name: Name, listener: (payload: WorkbenchEvents[Name]) => void): Unsubscribe => {
    let detach: Unsubscribe | null = null;
    const subscription: Subscription = {
      attach(client) {
        detach?.();
        detach = client.on(name, listener);
      },
    };
    subscriptions.add(subscription);
    if (state.kind === 'connected')
      void link.promise.then((client) => subscriptions.has(subscription) && subscription.attach(client));
    return () => {
      subscriptions.delete(subscription);
      detach?.();
      detach = null;
    };
  };

  const call = async (service: string, method: string, params: unknown): Promise<unknown> => {
    const client = await link.promise;
    const methods = client[service as keyof WorkbenchClient] as unknown as Record<
      string,
      (params: unknown) => Promise<unknown>
    >;
    return methods[method]!(params);
  };

  attempt();
  return {
    client: { ...remoteServices(call), on },
    watch(listener) {
      watchers.add(listener);
      listener(state);
      return () => void watchers.delete(listener);
    },
    retry() {
      if (state.kind === 'lost') attempt();
    },
  };
}
