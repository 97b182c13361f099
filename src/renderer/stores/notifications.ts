import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { Run } from '../../core/contract/runs.ts';
import { asAppError } from '../../core/errors.ts';
import { notifyElsewhere } from '../composables/browserNotifications.ts';
import { useText } from '../text/useText.ts';
import { useRunsStore } from './runs.ts';
import { useSettingsStore } from './settings.ts';

export interface AppNotification {
  id: number;
  kind: 'success' | 'info' | 'warning' | 'error';
  title: string;
  text: string;
  /** a run to open from it */
  runId: string | null;
  /** stays until the user closes it */
  isSticky: boolean;
  action: { label: string; run: () => void } | null;
}
type NewNotification = Pick<AppNotification, 'kind' | 'title'> & Partial<Omit<AppNotification, 'id'>>;

const mostShown = 5;

/** Messages to the user: results of what they asked for, and runs that ended or failed while they looked elsewhere. */
export const useNotificationsStore = defineStore('notifications', () => {
  const runs = useRunsStore();
  const settings = useSettingsStore();
  const text = useText().shell.notifications;
  const shown = shallowRef<readonly AppNotification[]>([]);
  let nextId = 1;

  function show(notification: NewNotification): number {
    const id = nextId++;
    const whole = { text: '', runId: null, isSticky: false, action: null, ...notification, id };
    // the same thing twice in a row is shown once, anew
    const kept = shown.value.filter(
      (other) => other.runId !== null || other.title !== whole.title || other.text !== whole.text,
    );
    shown.value = [...kept.slice(1 - mostShown), whole];
    return id;
  }
  function close(id: number): void {
    shown.value = shown.value.filter((notification) => notification.id !== id);
  }
  /** Tells of a failed request in the words of the host. */
  function showError(error: unknown, title: string = text.requestFailed): void {
    show({ kind: 'error', title, text: asAppError(error).message, isSticky: true });
  }
  /** Runs a request; a failure is shown and answered by undefined. */
  async function attempt<Result>(request: () => Promise<Result>, title?: string): Promise<Result | undefined> {
    try {
      return await request();
    } catch (error) {
      showError(error, title);
      return undefined;
    }
  }

  runs.onStatusChange(({ run, before }) => {
    if (before === 'queued' || run.deletedAtMs !== null) return;
    const notification = describeEnd(run);
    if (!notification || !settings.settings.notifications) return;
    show({ ...notification, runId: run.id });
    notifyElsewhere(notification.title, notification.text ?? '', () => {
      window.location.hash = `#/runs/${run.id}`;
    });
  });

  function describeEnd(run: Run): NewNotification | null {
    switch (run.status) {
      case 'completed':
        return {
          kind: 'success',
          title: run.endReason === 'earlyStopped' ? text.runStoppedEarly : text.runCompleted,
          text: run.name,
        };
      case 'failed':
        return {
          kind: 'error',
          title: text.runFailed,
          text: `${run.name}: ${run.failure?.message ?? text.noReason}`,
          isSticky: true,
        };
      case 'interrupted':
        return {
          kind: 'warning',
          title: text.runInterrupted,
          text: `${run.name}: ${run.failure?.message ?? text.noReason}`,
          isSticky: true,
        };
      default:
        return null;
    }
  }

  return { shown, show, close, showError, attempt };
});
