import type { Unsubscribe } from '../../core/contract/service.ts';

/** Events of a service. A listener that throws is logged and hurts nobody else. */
export interface Events<Payloads> {
  emit<Name extends keyof Payloads>(name: Name, payload: Payloads[Name]): void;
  subscribe<Name extends keyof Payloads>(name: Name, listener: (payload: Payloads[Name]) => void): Unsubscribe;
}

export function createEvents<Payloads>(onListenerError: (error: unknown) => void): Events<Payloads> {
  const listeners = new Map<keyof Payloads, Set<(payload: never) => void>>();
  return {
    emit(name, payload) {
      for (const listener of listeners.get(name) ?? []) {
        try {
          (listener as (value: typeof payload) => void)(payload);
        } catch (error) {
          onListenerError(error);
        }
      }
    },
    subscribe(name, listener) {
      const own = listeners.get(name) ?? new Set();
      listeners.set(name, own);
      // a wrapper of its own, so that one function may subscribe twice
      const entry = (payload: Parameters<typeof listener>[0]): void => listener(payload);
      own.add(entry);
      return () => void own.delete(entry);
    },
  };
}
