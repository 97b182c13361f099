import { createPinia } from 'pinia';
import { createApp } from 'vue';
import { AppError } from '../core/errors.ts';
import App from './App.vue';
import { clientKey } from './composables/useClient.ts';
import { commandsKey, createCommandRegistry } from './composables/useCommands.ts';
import { pageStartKey, takeCrashMark } from './composables/useStartNotices.ts';
import { createAppRouter } from './router.ts';
import { connect } from './rpc/connect.ts';
import { hostConnectionKey } from './stores/connection.ts';
import { keepConnected } from './stores/hostConnection.ts';
import './theme/tokens.css';

// The shell is on the screen before the host answers: calls wait for the connection, views show what they have.
const host = keepConnected({
  open: () => connect(reportError),
  nowMs: Date.now,
  later: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  lost: () => new AppError('disconnected', 'Its process ended or the connection to it was cut.'),
});

const pageStart = { isAfterCrash: takeCrashMark(window) };

createApp(App)
  .use(createPinia())
  .use(createAppRouter())
  .provide(hostConnectionKey, host)
  .provide(clientKey, host.client)
  .provide(pageStartKey, pageStart)
  .provide(commandsKey, createCommandRegistry())
  .mount('#app');
