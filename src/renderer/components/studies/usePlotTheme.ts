import { computed, type ComputedRef } from 'vue';
import type { PlotTheme } from '../../../core/plots/svg.ts';
import { useTheme } from '../../theme/useTheme.ts';

/** The colours of the window for figures that core draws. */
export function usePlotTheme(): ComputedRef<PlotTheme> {
  const tokens = useTheme();
  return computed(() => ({
    scheme: tokens.value.scheme,
    background: tokens.value.panel,
    ink: tokens.value.text,
    muted: tokens.value.textMuted,
    grid: tokens.value.grid,
  }));
}
