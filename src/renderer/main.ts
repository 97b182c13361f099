import { createPinia } from 'pinia';
import { createApp } from 'vue';
import { AppError } from '../core/errors.ts';
import App from './App.vue';
import { clientKey } from './composables/useClient.ts';
import { commandsKey, createCommandRegistry } from './composables/useCommands.ts';
import { createAppRouter } from './router.ts';
import { hostConnectionKey } from './stores/connection.ts';
import { keepConnected, type HostLink } from './stores/hostConnection.ts';
import './theme/tokens.css';

const connect = (): Promise<HostLink> => Promise.reject(new AppError('notFound', 'No host answers yet.'));

// The shell is on the screen before the host answers: calls wait for the connection, views show what they have.
const host = keepConnected({
  open: connect,
  nowMs: Date.now,
  later: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  lost: () => new AppError('internal', 'Its process ended or the network connection to it was cut.'),
});

createApp(App)
  .use(createPinia())
  .use(createAppRouter())
  .provide(hostConnectionKey, host)
  .provide(clientKey, host.client)
  .provide(commandsKey, createCommandRegistry())
  .mount('#app');
