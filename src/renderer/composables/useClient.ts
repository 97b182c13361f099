import { inject, type InjectionKey } from 'vue';
import type { WorkbenchClient } from '../../core/contract/workbench.ts';

export const clientKey: InjectionKey<WorkbenchClient> = Symbol('client');

/** The services of the host. Usable before the connection stands: calls wait for it, listeners outlive a lost one. */
export function useClient(): WorkbenchClient {
  const client = inject(clientKey);
  if (!client) throw new Error('useClient needs the application to provide a client');
  return client;
}
