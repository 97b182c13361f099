import { useDebounceFn } from '@vueuse/core';
import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import type { ReportOptions, ReportSubject } from '../../../core/contract/reports.ts';
import { asAppError, type AppError } from '../../../core/errors.ts';
import { useClient } from '../../composables/useClient.ts';

const debounceMs = 500;

export interface ReportPreview {
  /** the page as it would be written; empty before the first answer */
  html: Readonly<ShallowRef<string>>;
  error: Readonly<ShallowRef<AppError | null>>;
  isLoading: Readonly<ShallowRef<boolean>>;
  load(): Promise<void>;
}

/** The page of a report, made anew some time after its options last changed. */
export function useReportPreview(subject: () => ReportSubject | null, options: () => ReportOptions): ReportPreview {
  const client = useClient();
  const html = shallowRef('');
  const error = shallowRef<AppError | null>(null);
  const isLoading = shallowRef(false);
  let newest = 0;
  onScopeDispose(() => newest++);

  async function load(): Promise<void> {
    const about = subject();
    const asked = ++newest;
    if (!about) return;
    isLoading.value = true;
    try {
      const page = await client.reports.preview({ subject: about, options: options() });
      if (asked !== newest) return;
      html.value = page.html;
      error.value = null;
    } catch (reason) {
      if (asked === newest) error.value = asAppError(reason);
    } finally {
      if (asked === newest) isLoading.value = false;
    }
  }
  const loadSoon = useDebounceFn(load, debounceMs);
  watch(
    () => JSON.stringify(subject()),
    () => {
      html.value = '';
      void load();
    },
    { immediate: true },
  );
  watch(options, () => void loadSoon(), { deep: true });
  return { html, error, isLoading, load };
}
