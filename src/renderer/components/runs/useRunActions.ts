import { useClipboard } from '@vueuse/core';
import { useDialog } from 'naive-ui';
import { useRouter } from 'vue-router';
import { activeStatuses, resumableStatuses, type Run } from '../../../core/contract/runs.ts';
import { asAppError } from '../../../core/errors.ts';
import { trainCommand } from '../../../core/runs/trainCommand.ts';
import { useClient } from '../../composables/useClient.ts';
import { fileNameOf, timeInName, useSaveFile } from '../../composables/useSaveFile.ts';
import { useNewRunStore } from '../../stores/newRun.ts';
import { useNotificationsStore } from '../../stores/notifications.ts';
import { useRunsStore } from '../../stores/runs.ts';
import { useHiddenRuns } from '../../stores/runTableHidden.ts';
import { useText } from '../../text/useText.ts';

export const canPause = (run: Run): boolean => run.status === 'running' || run.status === 'starting';
export const canStop = (run: Run): boolean => activeStatuses.includes(run.status);
export const canResume = (run: Run): boolean =>
  resumableStatuses.includes(run.status) && run.deletedAtMs === null && !run.origin;
/** What another program trained has no settings of ours to be repeated with. */
export const canRepeat = (run: Run): boolean => run.origin === undefined;
export const canPack = (run: Run): boolean => !activeStatuses.includes(run.status) || run.status === 'paused';
export const canTrash = (run: Run): boolean => !activeStatuses.includes(run.status);

/** Runs that one comparison takes: more than anyone can tell apart, fewer than an address can hold. */
const mostCompared = 100;

/** Runs of one report. */
const mostReported = 200;

/** What can be done to one run or to many. Results and failures are told; nothing here rejects. */
export function useRunActions() {
  const client = useClient();
  const runs = useRunsStore();
  const notifications = useNotificationsStore();
  const form = useNewRunStore();
  const hidden = useHiddenRuns();
  const router = useRouter();
  const dialog = useDialog();
  const { copy } = useClipboard({ legacy: true });
  const text = useText();
  const saveFile = useSaveFile();

  /** Does one thing to each run; those that went well are answered, the first failure is shown. */
  async function forEach(targets: readonly Run[], request: (run: Run) => Promise<Run | null>): Promise<Run[]> {
    const done: Run[] = [];
    let failure: unknown;
    for (const run of targets) {
      try {
        const changed = await request(run);
        if (changed) runs.accept(changed);
        done.push(run);
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure !== undefined) {
      notifications.show({
        kind: 'error',
        title:
          targets.length === 1
            ? text.shell.notifications.requestFailed
            : text.runs.results.failed(done.length, targets.length),
        text: asAppError(failure).message,
        isSticky: true,
      });
    }
    return done;
  }

  async function restore(targets: readonly Run[], isTold = true): Promise<void> {
    const done = await forEach(targets, ({ id }) => client.runs.restore({ runId: id }));
    if (isTold && done.length > 0)
      notifications.show({ kind: 'success', title: text.runs.results.restored(done.length) });
  }

  async function trash(targets: readonly Run[]): Promise<void> {
    const movable = targets.filter(canTrash);
    const skipped = targets.length - movable.length;
    if (skipped > 0) {
      notifications.show({
        kind: 'warning',
        title: text.runs.results.skipped(skipped, text.runs.results.stillTraining),
      });
    }
    const done = await forEach(movable, ({ id }) => client.runs.delete({ runId: id }));
    if (done.length === 0) return;
    notifications.show({
      kind: 'info',
      title: text.runs.results.trashed(done.length),
      text: done.length === 1 ? done[0]!.name : '',
      action: { label: text.common.undo, run: () => void restore(done, false) },
    });
  }

  function purge(targets: readonly Run[]): void {
    if (targets.length === 0) return;
    dialog.warning({
      title: text.runs.purge.title(targets.length),
      content: text.runs.purge.text,
      positiveText: text.runs.purge.confirm,
      negativeText: text.common.cancel,
      onPositiveClick: async () => {
        const done = await forEach(targets, async ({ id }) => {
          await client.runs.purge({ runId: id });
          return null;
        });
        hidden.setHidden(
          done.map(({ id }) => id),
          false,
        );
        if (done.length > 0) notifications.show({ kind: 'info', title: text.runs.results.purged(done.length) });
      },
    });
  }

  async function copyText(content: string): Promise<void> {
    try {
      await copy(content);
      notifications.show({ kind: 'success', title: text.common.copied });
    } catch {
      notifications.show({ kind: 'error', title: text.common.copyFailed });
    }
  }

  return {
    trash,
    restore,
    purge,
    rename: (run: Run, name: string) => forEach([run], ({ id }) => client.runs.rename({ runId: id, name })),
    setNote: (run: Run, note: string) => forEach([run], ({ id }) => client.runs.setNote({ runId: id, note })),
    async changeTags(targets: readonly Run[], added: readonly string[], removed: readonly string[]): Promise<void> {
      const done = await forEach(targets, ({ id, tags }) => {
        const kept = tags.filter((tag) => !removed.includes(tag));
        return client.runs.setTags({ runId: id, tags: [...new Set([...kept, ...added])] });
      });
      if (done.length > 1) notifications.show({ kind: 'success', title: text.runs.results.tagged(done.length) });
    },
    pause: (targets: readonly Run[]) => forEach(targets.filter(canPause), ({ id }) => client.runs.pause({ runId: id })),
    resume: (targets: readonly Run[]) =>
      forEach(targets.filter(canResume), ({ id }) => client.runs.resume({ runId: id })),
    stop: (targets: readonly Run[]) => forEach(targets.filter(canStop), ({ id }) => client.runs.stop({ runId: id })),
    cancel: (targets: readonly Run[]) =>
      forEach(
        targets.filter(({ status }) => status === 'queued'),
        ({ id }) => client.runs.cancel({ runId: id }),
      ),
    hide: (targets: readonly Run[], isHidden: boolean) =>
      hidden.setHidden(
        targets.map(({ id }) => id),
        isHidden,
      ),
    open: (run: Run) => void router.push(`/runs/${run.id}`),
    compare(targets: readonly Run[]): void {
      if (targets.length > mostCompared) {
        notifications.show({ kind: 'warning', title: text.runs.results.tooMany(mostCompared, targets.length) });
      }
      const ids = targets.slice(0, mostCompared).map(({ id }) => id);
      void router.push({ path: '/compare', query: { ids: ids.join(',') } });
    },
    report(targets: readonly Run[]): void {
      const ids = targets.slice(0, mostReported).map(({ id }) => id);
      if (targets.length > mostReported) {
        notifications.show({ kind: 'warning', title: text.runs.results.tooMany(mostReported, targets.length) });
      }
      void router.push({ path: '/report', query: { runs: ids.join(',') } });
    },
    runAgain(run: Run): void {
      form.prefillFromRun(run);
      void router.push('/new');
    },
    copyCommand: (run: Run) => copyText(trainCommand(run.config, { name: run.name, tags: run.tags })),
    pack: (run: Run, includeReport = false) =>
      saveFile({
        name: `${fileNameOf(run.name)}.lprun`,
        async write(path) {
          // the system's own dialog asks before a file is replaced
          await client.transfers.exportRun({ runId: run.id, path, overwrite: true, includeReport });
          return [];
        },
      }),
    exportEvents: (targets: readonly Run[]) =>
      saveFile({
        // a folder that is there is not replaced, so that each has a name of its own
        name: `tensorboard-${targets.length === 1 ? fileNameOf(targets[0]!.name) : `${targets.length}-runs`}-${timeInName()}`,
        isFolder: true,
        async write(path) {
          await client.transfers.exportEvents({ runIds: targets.map(({ id }) => id), path });
          return [];
        },
      }),
    copyId: (run: Run) => copyText(run.id),
  };
}

export type RunActions = ReturnType<typeof useRunActions>;
