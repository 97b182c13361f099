import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import { parseRunConfig, runConfigSchema, type RunConfig } from '../../core/contract/runConfig.ts';
import type { Run } from '../../core/contract/runs.ts';
import { findOptimizer, optimizerIds } from '../../core/optimizers/catalogue.ts';
import { valueAt } from '../../core/runs/configFields.ts';
import { parseSeedList } from '../../core/runs/seedList.ts';
import { withChanges } from '../../core/runs/withChanges.ts';
import { useSettingsStore } from './settings.ts';

/** A configuration while it is being written: fields may be missing or wrong. */
export type ConfigDraft = Readonly<Record<string, unknown>>;

/** The checkpoint that a new run is to continue from. */
export interface BranchPoint {
  runId: string;
  runName: string;
  step: number;
}

export interface Prefill {
  config: unknown;
  name?: string;
  tags?: readonly string[];
  note?: string;
  branch?: BranchPoint;
}

/** Settings that belong to an optimizer and come back when it is chosen again. */
type OptimizerSettings = Pick<RunConfig, 'optimizer' | 'learningRate'> | ConfigDraft;

/** The form of a new run. It outlives its view, so that looking something up elsewhere costs nothing. */
export const useNewRunStore = defineStore('newRun', () => {
  const settings = useSettingsStore();
  const defaults = (): RunConfig => parseRunConfig({ checkpoint: { keepLast: settings.settings.keepCheckpoints } });
  const draft = shallowRef<ConfigDraft>(defaults());
  const name = shallowRef('');
  const tags = shallowRef<readonly string[]>([]);
  const note = shallowRef('');
  const seedsText = shallowRef('0');
  const branch = shallowRef<BranchPoint | null>(null);
  /** raised when the whole form was replaced, so that fields drop what was typed and not taken */
  const revision = shallowRef(0);
  const settingsByOptimizer = new Map<string, OptimizerSettings>();

  const seeds = computed(() => parseSeedList(seedsText.value));
  const parsed = computed(() =>
    runConfigSchema.safeParse({ ...draft.value, seed: seeds.value.ok ? seeds.value.seeds[0] : 0 }),
  );
  /** the configuration of the first seed; null while something is wrong */
  const config = computed<RunConfig | null>(() => parsed.value.data ?? null);
  /** the newest configuration without a problem, for what is drawn beside the form */
  const lastConfig = shallowRef<RunConfig>(parseRunConfig({}));

  /** the first problem of each field, by dotted path */
  const problems = computed<ReadonlyMap<string, string>>(() => {
    const found = new Map<string, string>();
    for (const { path, message } of parsed.value.error?.issues ?? []) {
      const field = path.join('.');
      if (!found.has(field)) found.set(field, message);
    }
    if (!seeds.value.ok) found.set('seed', seeds.value.message);
    return found;
  });

  // the settings arrive after the first paint; a number that the user changed meanwhile stays
  watch(
    () => settings.settings.keepCheckpoints,
    (next, before) => {
      if (value('checkpoint.keepLast') === before) change({ 'checkpoint.keepLast': next });
    },
  );

  const value = (path: string): unknown => valueAt(draft.value, path.split('.'));

  /** Sets values at dotted paths; undefined takes a field out, so that its default applies. */
  function change(changes: Readonly<Record<string, unknown>>): void {
    const { seed, ...rest } = changes;
    if (seed !== undefined) seedsText.value = String(seed);
    draft.value = withChanges(draft.value, rest);
    if (parsed.value.data) lastConfig.value = parsed.value.data;
  }

  function chooseOptimizer(id: string): void {
    const current = value('optimizer.id');
    if (id === current || !optimizerIds.includes(id)) return;
    if (typeof current === 'string') {
      settingsByOptimizer.set(current, {
        optimizer: draft.value['optimizer'],
        learningRate: draft.value['learningRate'],
      });
    }
    const known = settingsByOptimizer.get(id);
    const { optimizer } = parseRunConfig({ optimizer: { id } });
    change(known ? { ...known } : { optimizer, 'learningRate.base': findOptimizer(id).defaultLearningRate });
  }

  function chooseModel(preset: string): void {
    change({ model: preset === customModel ? { layers: [] } : { preset, options: {} }, initialWeights: undefined });
  }

  /**
   * Replaces the whole form, for a run like another, a branch or a preset. What cannot be read as a configuration is
   * taken over as it is and shown with its problems.
   */
  function prefill(origin: Prefill): void {
    const complete = runConfigSchema.safeParse(origin.config);
    const given = complete.data ?? completed(origin.config);
    name.value = origin.name ?? '';
    tags.value = origin.tags ?? [];
    note.value = origin.note ?? '';
    branch.value = origin.branch ?? null;
    seedsText.value = String(valueAt(given, ['seed']) ?? 0);
    settingsByOptimizer.clear();
    draft.value = given;
    if (complete.data) lastConfig.value = complete.data;
    revision.value++;
  }

  function reset(): void {
    prefill({ config: defaults() });
  }

  /** The form for a run with the same settings. */
  function prefillFromRun(run: Run): void {
    prefill({ config: run.config, tags: run.tags });
  }

  /** The form for a run that continues from a checkpoint of another, with settings to be changed. */
  function prefillBranch(run: Run, step: number): void {
    prefill({ config: run.config, tags: run.tags, branch: { runId: run.id, runName: run.name, step } });
  }

  return {
    draft,
    name,
    tags,
    note,
    seedsText,
    seeds,
    branch,
    revision,
    config,
    lastConfig,
    problems,
    value,
    change,
    chooseOptimizer,
    chooseModel,
    prefill,
    prefillFromRun,
    prefillBranch,
    reset,
  };
});

/** What the choice of a model calls layers that are written by hand. */
export const customModel = 'custom';

/** A faulty configuration with defaults in the fields it lacks. */
function completed(config: unknown): ConfigDraft {
  const given = typeof config === 'object' && config !== null && !Array.isArray(config) ? config : {};
  return { ...parseRunConfig({}), ...given };
}
