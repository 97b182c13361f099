import { defineStore } from 'pinia';
import { computed, markRaw, shallowRef } from 'vue';
import type {
  Encoding,
  ImportChoices,
  ImportProgress,
  ImportWarning,
  Inspection,
} from '../../core/contract/datasetImport.ts';
import type { DatasetMeta } from '../../core/contract/datasets.ts';
import { asAppError, AppError } from '../../core/errors.ts';
import { useClient } from '../composables/useClient.ts';
import type { ImportInput } from '../transfer/droppedFiles.ts';
import { openTransfer, type OpenTransfer, type UploadProgress } from '../transfer/transferClient.ts';
import {
  choiceProblems,
  choicesInForce,
  decide,
  decideEncodings,
  lastName,
  nameOfInput,
  placeError,
  type Decisions,
  type PlacedError,
} from './importDraft.ts';

export interface ImportResult {
  meta: DatasetMeta;
  warnings: readonly ImportWarning[];
  isNew: boolean;
}

/** An import from the dropped files to the dataset. */
export type ImportStage = 'empty' | 'sending' | 'choosing' | 'importing' | 'done';

/** Typing a number is no reason to read a file for every digit. */
const inspectDelayMs = 350;
/** So many single files are told to the host as the folder they lie in. */
const mostPaths = 1_000;

/**
 * One import at a time. It outlives its view, so that looking something up elsewhere costs nothing, and a failure leaves
 * every choice as it was.
 */
export const useDatasetImportStore = defineStore('datasetImport', () => {
  const client = useClient();
  const stage = shallowRef<ImportStage>('empty');
  /** what was dropped, for people: the dataset is called so unless the user says otherwise */
  const sourceName = shallowRef('');
  const paths = shallowRef<readonly string[]>([]);
  const decisions = shallowRef<Decisions>({});
  const inspection = shallowRef<Inspection | null>(null);
  const isInspecting = shallowRef(false);
  const inspectError = shallowRef<PlacedError | null>(null);
  const upload = shallowRef<UploadProgress | null>(null);
  const progress = shallowRef<ImportProgress | null>(null);
  const importError = shallowRef<AppError | null>(null);
  const result = shallowRef<ImportResult | null>(null);

  let transfer: OpenTransfer | null = null;
  let sending: AbortController | null = null;
  let inspecting: { id: string; timer: ReturnType<typeof setTimeout> | null } | null = null;
  let importId: string | null = null;
  /** fields changed since the last inspection that succeeded */
  let changedFields: string[] = [];

  /** Files that were sent are known to the user without the folder they lie in for now. */
  const explain = (error: unknown): AppError => {
    const { code, message, details } = asAppError(error);
    const shown = transfer ? message.replaceAll(`${transfer.dir}/`, '').replaceAll(`${transfer.dir}\\`, '') : message;
    return new AppError(code, shown, { details, cause: error });
  };

  const choices = computed(() => choicesInForce(decisions.value, inspection.value?.guess ?? null));
  const problems = computed(() => choiceProblems(paths.value, choices.value));
  /** whether what is shown is what an import would do */
  const isReady = computed(
    () => inspection.value !== null && !isInspecting.value && inspectError.value === null && problems.value.size === 0,
  );

  client.on('importProgress', ({ importId: id, ...rest }) => {
    if (id === importId || id === inspecting?.id) progress.value = rest;
  });

  /** Begins with other files. An import under way must be cancelled first; what was chosen before is dropped. */
  async function begin(input: ImportInput): Promise<void> {
    if (stage.value === 'importing') throw new AppError('conflict', 'An import is under way: cancel it first.');
    await reset();
    if (input.kind === 'paths') {
      sourceName.value = nameOfInput(input.paths.map(lastName));
      return showFound(input.paths);
    }
    sourceName.value = nameOfInput(input.files.map(({ path }) => path));
    await send(input);
  }

  async function send({ files }: Extract<ImportInput, { kind: 'files' }>): Promise<void> {
    if (files.length === 0) throw new AppError('fileUnreadable', 'The folder is empty: there is nothing to import.');
    const abort = new AbortController();
    sending = abort;
    stage.value = 'sending';
    upload.value = { sentBytes: 0, totalBytes: files.reduce((sum, { file }) => sum + file.size, 0), files: 0 };
    try {
      const opened = await openTransfer();
      if (abort.signal.aborted) return void opened.close();
      transfer = opened;
      const arrived = await opened.upload(files, {
        signal: abort.signal,
        onProgress: (sent) => (upload.value = sent),
      });
      if (abort.signal.aborted) return;
      showFound(arrived.length > mostPaths ? [opened.dir] : arrived);
    } catch (error) {
      if (abort.signal.aborted) return;
      await reset();
      throw asAppError(error);
    }
  }

  function showFound(found: readonly string[]): void {
    paths.value = found;
    stage.value = 'choosing';
    void inspect();
  }

  function endInspecting(): void {
    if (!inspecting) return;
    if (inspecting.timer !== null) clearTimeout(inspecting.timer);
    else client.datasets.cancelImport({ importId: inspecting.id }).catch(() => undefined);
    inspecting = null;
  }

  /** Looks at the files anew with the choices as they are. Only the newest inspection counts. */
  async function inspect(): Promise<void> {
    endInspecting();
    const id = crypto.randomUUID();
    inspecting = { id, timer: null };
    isInspecting.value = true;
    progress.value = null;
    try {
      const found = await client.datasets.inspect({
        importId: id,
        choices: { ...decisions.value, paths: [...paths.value] } as ImportChoices,
      });
      if (inspecting?.id !== id) return;
      inspection.value = markRaw(found);
      inspectError.value = null;
      changedFields = [];
    } catch (error) {
      if (inspecting?.id !== id) return;
      const columns = inspection.value?.columns.map(({ name }) => name) ?? [];
      inspectError.value = placeError(explain(error), changedFields, columns);
    } finally {
      if (inspecting?.id === id) {
        inspecting = null;
        isInspecting.value = false;
        progress.value = null;
      }
    }
  }

  function inspectSoon(): void {
    endInspecting();
    isInspecting.value = true;
    inspecting = { id: '', timer: setTimeout(() => void inspect(), inspectDelayMs) };
  }

  function take(next: Decisions, fields: readonly string[]): void {
    decisions.value = next;
    importError.value = null;
    changedFields.push(...fields.filter((field) => field !== 'name'));
    if (problems.value.size > 0) {
      endInspecting();
      isInspecting.value = false;
    } else if (fields.some((field) => field !== 'name')) inspectSoon();
  }
  function change(changes: Decisions): void {
    take(decide(decisions.value, changes, inspection.value?.guess ?? null), Object.keys(changes));
  }
  function changeEncodings(names: readonly string[], encoding: Encoding): void {
    take(decideEncodings(decisions.value, names, encoding), ['encodings']);
  }

  /** Imports with the choices as shown. A failure is kept in `importError` and leaves everything as it was. */
  async function start(): Promise<void> {
    if (!isReady.value || stage.value !== 'choosing') return;
    const id = crypto.randomUUID();
    importId = id;
    stage.value = 'importing';
    progress.value = null;
    importError.value = null;
    try {
      const whole = { name: sourceName.value, ...choices.value, paths: [...paths.value] } as ImportChoices;
      const imported = await client.datasets.import({ importId: id, choices: whole });
      result.value = markRaw(imported);
      stage.value = 'done';
      await closeTransfer();
    } catch (error) {
      stage.value = 'choosing';
      const failure = explain(error);
      if (failure.code !== 'cancelled') importError.value = failure;
    } finally {
      importId = null;
      progress.value = null;
    }
  }

  /** Ends what is under way: an upload, which is dropped, or an import, whose choices stay. */
  async function cancel(): Promise<void> {
    if (stage.value === 'sending') return reset();
    if (importId !== null) await client.datasets.cancelImport({ importId }).catch(() => undefined);
  }

  async function closeTransfer(): Promise<void> {
    const open = transfer;
    transfer = null;
    await open?.close();
  }

  /** Forgets everything; files that were sent are removed. */
  async function reset(): Promise<void> {
    sending?.abort();
    sending = null;
    endInspecting();
    stage.value = 'empty';
    sourceName.value = '';
    paths.value = [];
    decisions.value = {};
    inspection.value = null;
    isInspecting.value = false;
    inspectError.value = null;
    importError.value = null;
    upload.value = null;
    progress.value = null;
    result.value = null;
    changedFields = [];
    await closeTransfer();
  }

  // a page that goes away takes its files with it, unless they are being imported
  window.addEventListener('pagehide', () => {
    if (stage.value !== 'importing') void closeTransfer();
  });

  return {
    stage,
    sourceName,
    paths,
    decisions,
    inspection,
    isInspecting,
    inspectError,
    upload,
    progress,
    importError,
    result,
    choices,
    problems,
    isReady,
    begin,
    inspect,
    change,
    changeEncodings,
    start,
    cancel,
    reset,
  };
});
