import { inject, watch, type InjectionKey } from 'vue';
import { useRouter } from 'vue-router';
import type { ApplicationInfo } from '../../core/contract/application.ts';
import { crashMark } from '../../core/rpc/pageChannel.ts';
import { useApplicationStore } from '../stores/application.ts';
import { useNotificationsStore } from '../stores/notifications.ts';
import { useRunTableStore } from '../stores/runTable.ts';
import { useText } from '../text/useText.ts';

export interface PageStart {
  /** this page stands in for one that crashed */
  isAfterCrash: boolean;
}
export const pageStartKey: InjectionKey<PageStart> = Symbol('pageStart');

/** Whether the address says that the page before crashed. The mark is taken off, so that it is said once. */
export function takeCrashMark({ location, history }: Pick<Window, 'location' | 'history'>): boolean {
  if (location.search !== `?${crashMark}`) return false;
  history.replaceState(null, '', location.pathname + location.hash);
  return true;
}

const toldKey = 'lp-workbench.toldStart';

function isFirstTime(start: string): boolean {
  try {
    if (sessionStorage.getItem(toldKey) === start) return false;
    sessionStorage.setItem(toldKey, start);
  } catch {
    // storage may be switched off; it is then told again after a reload
  }
  return true;
}

/** Tells, once for each start of the host, what the user should know about it; and of a page that crashed. */
export function useStartNotices(): void {
  const { isAfterCrash } = inject(pageStartKey) ?? { isAfterCrash: false };
  const application = useApplicationStore();
  const notifications = useNotificationsStore();
  const table = useRunTableStore();
  const router = useRouter();
  const text = useText().shell.notifications;

  if (isAfterCrash) {
    notifications.show({ kind: 'warning', title: text.pageCrashed, text: text.pageCrashedText, isSticky: true });
  }

  function showInterrupted(): void {
    table.filterText = 'status = interrupted';
    void router.push('/runs');
  }
  function tell({ startedAtMs, interruptedRuns, notice }: ApplicationInfo): void {
    if (!isFirstTime(String(startedAtMs))) return;
    if (notice) notifications.show({ kind: 'info', title: text.notice, text: notice, isSticky: true });
    if (interruptedRuns === 0) return;
    notifications.show({
      kind: 'warning',
      title: text.interruptedAtEnd(interruptedRuns),
      text: text.interruptedAtEndText,
      isSticky: true,
      action: { label: text.showInterrupted, run: showInterrupted },
    });
  }
  watch(
    () => application.info,
    (info) => info && tell(info),
    { immediate: true },
  );
}
