import { presetsContract, presetSchema, type Preset, type PresetsService } from '../../core/contract/presets.ts';
import { AppError } from '../../core/errors.ts';
import type { SettingStore } from '../storage/settingStore.ts';
import { implementContract } from './implementContract.ts';

const prefix = 'preset:';
const maxPresets = 500;

/** Configurations kept by name, one row each. A row that cannot be read is left alone and not shown. */
export function createPresetsService(store: SettingStore, nowMs: () => number): PresetsService {
  const list = (): Preset[] =>
    Object.entries(store.all()).flatMap(([key, value]) => {
      const preset = key.startsWith(prefix) ? presetSchema.safeParse(value) : undefined;
      return preset?.success ? [preset.data] : [];
    });
  return implementContract(presetsContract, {
    list: () => list().toSorted((a, b) => a.name.localeCompare(b.name)),
    save: ({ name, config }) => {
      if (store.get(prefix + name) === undefined && list().length >= maxPresets) {
        throw new AppError('conflict', `There are ${maxPresets} presets already; remove one first.`);
      }
      const preset: Preset = { name, config, createdAtMs: nowMs() };
      store.set(prefix + name, preset);
      return preset;
    },
    remove: ({ name }) => {
      if (store.get(prefix + name) === undefined) throw new AppError('notFound', `There is no preset "${name}".`);
      store.remove(prefix + name);
      return {};
    },
  });
}
