import type { RunConfig } from '../../../core/contract/runConfig.ts';
import { configFields, fieldName } from '../../../core/runs/configFields.ts';
import type { en } from '../../text/en.ts';

export type ConfigSectionKey = Exclude<keyof (typeof en)['run']['settings']['sections'], 'run' | 'origin'>;

export interface ConfigSection {
  key: ConfigSectionKey;
  facts: { name: string; value: string; isCode?: boolean }[];
}

const prefixes: readonly (readonly [prefix: string, section: ConfigSectionKey])[] = [
  ['dataset', 'data'],
  ['split', 'data'],
  ['model', 'model'],
  ['optimizer', 'optimizer'],
  ['weightDecayScope', 'optimizer'],
  ['pSchedule', 'pSchedule'],
  ['learningRate', 'learningRate'],
  ['evaluation', 'keeping'],
  ['checkpoint', 'keeping'],
  ['earlyStopping', 'keeping'],
];

const sectionOf = (path: string): ConfigSectionKey =>
  prefixes.find(([prefix]) => path === prefix || path.startsWith(`${prefix}.`))?.[1] ?? 'training';

/** `batchSize` reads as `batch size`; abbreviations and single letters stay. */
const words = (name: string): string =>
  name.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);

/** Inside its own section a setting needs only the end of its path. */
function nameWithin(path: string, section: ConfigSectionKey): string {
  const short = fieldName(path);
  const own = `${section}.`;
  if (section === 'data' && path.startsWith('split.')) return words(path.replace('.', ' '));
  return words((short.startsWith(own) ? short.slice(own.length) : short).replaceAll('.', ' '));
}

/** All settings of a run by topic, for people to read. */
export function configSections(config: RunConfig, yesNo: { yes: string; no: string }): ConfigSection[] {
  const sections = new Map<ConfigSectionKey, ConfigSection>();
  for (const [path, value] of configFields(config)) {
    const key = sectionOf(path);
    const section = sections.get(key) ?? { key, facts: [] };
    sections.set(key, section);
    const shown = typeof value === 'boolean' ? (value ? yesNo.yes : yesNo.no) : String(value);
    section.facts.push({ name: nameWithin(path, key), value: shown, isCode: path === 'model.layers' });
  }
  const order: readonly ConfigSectionKey[] = [
    'data',
    'model',
    'training',
    'optimizer',
    'learningRate',
    'pSchedule',
    'keeping',
  ];
  return order.flatMap((key) => sections.get(key) ?? []);
}
