import { defineStore } from 'pinia';
import { computed, inject, shallowRef, watch, type InjectionKey } from 'vue';
import type { ConnectionState, HostConnection } from './hostConnection.ts';

export const hostConnectionKey: InjectionKey<HostConnection> = Symbol('hostConnection');

/** Whether the host answers. Stores read their data anew when `connectionCount` grows. */
export const useConnectionStore = defineStore('connection', () => {
  const host = inject(hostConnectionKey);
  if (!host) throw new Error('the connection store needs the application to provide a host connection');
  const state = shallowRef<ConnectionState>({ kind: 'connecting' });
  /** connections made since the start: 0 before the first, more than 1 after a loss */
  const connectionCount = shallowRef(0);
  host.watch((next) => {
    state.value = next;
    if (next.kind === 'connected') connectionCount.value++;
  });
  const isConnected = computed(() => state.value.kind === 'connected');

  return { state, isConnected, connectionCount, retry: host.retry };
});

/** Calls back now, if the host is there, and after every connection to come. */
export function onEveryConnection(callback: () => void): void {
  const connection = useConnectionStore();
  watch(
    () => connection.connectionCount,
    (count) => count > 0 && callback(),
    { immediate: true, flush: 'sync' },
  );
}
