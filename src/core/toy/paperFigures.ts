import { pScheduleSchema } from '../schedules/pSchedule.ts';
import { paperToyPresets } from './paperPresets.ts';
import type { ToyDescent } from './toyFigure.ts';

export interface PaperToyFigure {
  id: 'strong' | 'weak';
  title: string;
  function: 'strong' | 'weak';
  descents: readonly ToyDescent[];
}

const names: Readonly<Record<string, string>> = { sgd: 'GD', signsgd: 'sign descent', lpsgd: 'LPSGD' };

/**
 * LPSGD is not in the paper's figure; its rates here are ours. At p = 2 it is gradient descent, which needs a rate below
 * 2 / 200 in the steep direction.
 */
const lpRates = { strong: 0.009, weak: 0.5 } as const;

/** The two halves of the paper's figure 3, with LPSGD, whose p falls from 6 to 2, as a third way. */
export const paperToyFigures: readonly PaperToyFigure[] = (['strong', 'weak'] as const).map((id) => {
  const presets = paperToyPresets.filter(({ run }) => run.function === id);
  const { steps, start } = presets[0]!.run;
  const descents = presets.map(({ run }) => ({
    label: `${names[run.optimizer] ?? run.optimizer}, ${String(run.learningRate)}`,
    run,
  }));
  const lpsgd: ToyDescent = {
    label: `LPSGD, ${lpRates[id]} (ours)`,
    run: {
      function: id,
      optimizer: 'lpsgd',
      hyperparameters: { weightDecay: 0 },
      learningRate: lpRates[id],
      pSchedule: pScheduleSchema.parse({ pMax: 6 }),
      steps,
      start,
    },
  };
  return {
    id,
    title: id === 'strong' ? 'Strongly curved along a: 200 against 0.05' : 'Alike in both directions: 1.2 against 0.8',
    function: id,
    descents: [...descents, lpsgd],
  };
});
