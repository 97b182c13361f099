import { shallowRef } from 'vue';

/**
 * Notifications of the system from a page in a browser, which needs the user's permission for them. In the window the
 * program tells itself, and the page is given no permission.
 */
const isThere = typeof Notification !== 'undefined';

export type NotificationPermissionState = NotificationPermission | 'missing';
const stateNow = (): NotificationPermissionState => (isThere ? Notification.permission : 'missing');

/** Whether the browser shows them, and how to ask the user for it; asking needs a click. */
export function useBrowserNotifications() {
  const state = shallowRef(stateNow());
  return {
    state,
    async ask(): Promise<void> {
      if (isThere) await Notification.requestPermission();
      state.value = stateNow();
    },
  };
}

/** Shows one while the user looks elsewhere. A click brings the page to the front and opens what it is about. */
export function notifyElsewhere(title: string, body: string, open: () => void): void {
  if (!isThere || Notification.permission !== 'granted' || document.hasFocus()) return;
  const shown = new Notification(title, { body });
  shown.addEventListener('click', () => {
    window.focus();
    shown.close();
    open();
  });
}
