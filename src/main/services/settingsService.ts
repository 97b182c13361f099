import type { Unsubscribe } from '../../core/contract/service.ts';
import {
  settingsContract,
  settingsSchema,
  type Settings,
  type SettingsEvents,
  type SettingsService,
} from '../../core/contract/settings.ts';
import { AppError } from '../../core/errors.ts';
import type { SettingStore } from '../storage/settingStore.ts';
import { createEvents, type Events } from './events.ts';
import { implementContract } from './implementContract.ts';
import type { Log } from './runServiceOptions.ts';

export interface SettingsServiceHost {
  settings: SettingsService;
  subscribe: Events<SettingsEvents>['subscribe'];
  /** the settings now, for the parts of the host that follow them */
  current(): Settings;
  /** Calls back after every change. */
  onChange(listener: (settings: Settings) => void): Unsubscribe;
}

const row = 'settings';
const maxViews = 200;
const maxViewCharacters = 100_000;

/** What was stored, field by field: one that a newer or older version wrote differently falls back to its default. */
function readStored(stored: unknown): Settings {
  const fields = typeof stored === 'object' && stored !== null ? stored : {};
  const understood = Object.entries(fields).filter(([key, value]) => {
    const field = Object.hasOwn(settingsSchema.shape, key) && settingsSchema.shape[key as keyof Settings];
    return field && field.safeParse(value).success;
  });
  return settingsSchema.parse(Object.fromEntries(understood));
}

function mergeViews(before: Settings['views'], change: Settings['views']): Settings['views'] {
  const merged = Object.entries({ ...before, ...change }).filter(([, view]) => view !== null);
  const tooLong = merged.find(([, view]) => JSON.stringify(view).length > maxViewCharacters);
  if (tooLong) {
    throw new AppError('badUsage', `What the view "${tooLong[0]}" wants to remember is too long.`);
  }
  if (merged.length > maxViews) {
    throw new AppError('badUsage', `At most ${maxViews} views can remember something; remove one first.`);
  }
  return Object.fromEntries(merged);
}

/** The settings of a data folder, kept as one row. */
export function createSettingsService(store: SettingStore, log: Log): SettingsServiceHost {
  const events = createEvents<SettingsEvents>((error) => log.error(`A subscriber failed: ${String(error)}`));
  let current = readStored(store.get(row));
  return {
    settings: implementContract(settingsContract, {
      get: () => current,
      change: ({ views, ...plain }) => {
        const given = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined));
        const next = { ...current, ...given, views: views ? mergeViews(current.views, views) : current.views };
        store.set(row, next);
        current = next;
        events.emit('settingsChanged', current);
        return current;
      },
    }),
    subscribe: events.subscribe,
    current: () => current,
    onChange: (listener) => events.subscribe('settingsChanged', listener),
  };
}
