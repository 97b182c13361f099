import { configFields, fieldName } from '../runs/configFields.ts';
import type { ReportData } from './reportData.ts';

type Rows = readonly (readonly [name: string, value: string])[];

/** The settings of the runs of a report: what is the same for all of this program's, and all of what others trained. */
export interface ReportSettings {
  /** null where no run is of this program */
  common: Rows | null;
  /** whether the runs of this program differ in more than their seeds; that is in `differences` */
  hasDifferences: boolean;
  foreign: readonly { label: string; rows: Rows }[];
}

export function reportSettings({ groups, runs, differences }: ReportData): ReportSettings {
  const firsts = groups.map((group) => ({ group, run: runs.find(({ id }) => id === group.runIds[0])! }));
  const own = firsts.filter(({ run }) => run.hyperparameters === null);
  const fields = own.map(({ run }) => configFields(run.config));
  const shared = [...(fields[0] ?? [])].filter(
    ([path, value]) => path !== 'seed' && fields.every((each) => each.get(path) === value),
  );
  const seeds = [...new Set(own.flatMap(({ group }) => group.seeds))].toSorted((a, b) => a - b);
  return {
    common:
      own.length === 0
        ? null
        : [['seeds', seeds.join(', ')], ...shared.map(([path, value]) => [fieldName(path), String(value)] as const)],
    hasDifferences: differences.length > 0,
    foreign: firsts.flatMap(({ group, run }) =>
      run.hyperparameters === null
        ? []
        : [
            {
              label: group.label,
              rows: Object.entries(run.hyperparameters).map(([name, value]) => [name, String(value)] as const),
            },
          ],
    ),
  };
}
