import { usePreferredDark } from '@vueuse/core';
import { computed, inject, provide, watchEffect, type ComputedRef, type InjectionKey } from 'vue';
import { cssVariables, darkTokens, lightTokens, type ThemeTokens } from './themeTokens.ts';

export type ThemeChoice = 'system' | 'light' | 'dark';

const themeKey: InjectionKey<ComputedRef<ThemeTokens>> = Symbol('theme');

/** Turns the user's choice into tokens, writes them as CSS variables on the page and gives them to all components. */
export function provideTheme(choice: () => ThemeChoice): ComputedRef<ThemeTokens> {
  const prefersDark = usePreferredDark();
  const tokens = computed(() => {
    const chosen = choice();
    const isDark = chosen === 'dark' || (chosen === 'system' && prefersDark.value);
    return isDark ? darkTokens : lightTokens;
  });
  watchEffect(() => {
    const root = document.documentElement;
    root.dataset.theme = tokens.value.scheme;
    for (const [name, value] of Object.entries(cssVariables(tokens.value))) root.style.setProperty(name, value);
  });
  provide(themeKey, tokens);
  return tokens;
}

/** The colours in use; changes when the user or the system changes them. */
export function useTheme(): ComputedRef<ThemeTokens> {
  const tokens = inject(themeKey);
  if (!tokens) throw new Error('useTheme needs a component inside the application');
  return tokens;
}
