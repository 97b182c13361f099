import { defineStore } from 'pinia';
import { computed, shallowRef, type WritableComputedRef } from 'vue';
import { settingsSchema, type Settings, type SettingsChange } from '../../core/contract/settings.ts';
import { useClient } from '../composables/useClient.ts';
import type { ThemeChoice } from '../theme/useTheme.ts';
import { onEveryConnection } from './connection.ts';

const themeCacheKey = 'lp-workbench.theme';

/** The settings of the data folder. Changes show at once and are taken back when the host refuses them. */
export const useSettingsStore = defineStore('settings', () => {
  const client = useClient();
  const settings = shallowRef<Settings>(settingsSchema.parse({ theme: cachedTheme() }));
  const isLoaded = shallowRef(false);
  /** changes sent and not yet confirmed; an event about an older state must not undo them on the screen */
  let underWay = 0;

  const accept = (next: Settings): void => {
    settings.value = next;
    isLoaded.value = true;
    cacheTheme(next.theme);
  };
  client.on('settingsChanged', (next) => underWay === 0 && accept(next));
  onEveryConnection(() => {
    client.settings.get({}).then(accept, () => {
      // without the host's settings the defaults hold; the connection banner tells why
    });
  });

  async function change(changes: SettingsChange): Promise<void> {
    const before = settings.value;
    settings.value = { ...before, ...changes, views: mergeViews(before.views, changes.views) };
    underWay++;
    try {
      const confirmed = await client.settings.change(changes);
      if (underWay === 1) accept(confirmed);
    } catch (error) {
      settings.value = before;
      throw error;
    } finally {
      underWay--;
    }
  }

  const theme = computed<ThemeChoice>(() => settings.value.theme);
  return { settings, isLoaded, theme, change };
});

/**
 * What a view remembers under a key, as a writable ref. `read` makes a valid value of whatever was stored, and of
 * undefined. Failures to store are silent: the value still holds for this session.
 */
export function useRemembered<Value>(key: string, read: (stored: unknown) => Value): WritableComputedRef<Value> {
  const store = useSettingsStore();
  return computed({
    get: () => read(store.settings.views[key]),
    set(value) {
      store.change({ views: { [key]: value as Settings['views'][string] } }).catch(() => {});
    },
  });
}

function mergeViews(views: Settings['views'], changes: SettingsChange['views']): Settings['views'] {
  const merged = { ...views, ...changes };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}

/** The theme of the last session, so that the first paint has the right colours before the host answers. */
function cachedTheme(): ThemeChoice | undefined {
  try {
    const theme = localStorage.getItem(themeCacheKey);
    return theme === 'light' || theme === 'dark' || theme === 'system' ? theme : undefined;
  } catch {
    return undefined;
  }
}

function cacheTheme(theme: ThemeChoice): void {
  try {
    localStorage.setItem(themeCacheKey, theme);
  } catch {
    // storage may be switched off; the theme then arrives with the settings
  }
}
