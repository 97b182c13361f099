/** One flag of a command. The parser, the help text and the suggestions after a typing mistake come from it. */
export interface FlagSpec {
  /** without the dashes: `batch-size` */
  name: string;
  /**
   * numbers: several numbers joined by commas, `128,64`. optionalText: `--flag`, which reads as an empty text, or
   * `--flag=TEXT`. A switch takes no value and has a `--no-` form.
   */
  kind: 'text' | 'number' | 'numbers' | 'optionalText' | 'switch';
  description: string;
  /** what stands for the value in the help text */
  placeholder?: string;
  /** what applies without the flag, as the help text shows it */
  defaultText?: string;
  /** allowed texts */
  choices?: readonly string[];
  /** may be given several times; its values are collected */
  repeatable?: boolean;
  /** heading in the help text */
  group?: string;
}

export interface PositionalSpec {
  /** as the help text shows it: `RUN` */
  name: string;
  description: string;
  /** takes all that follow, at least one */
  variadic?: boolean;
}

/** camelCase to kebab-case: weightDecay -> weight-decay */
export function flagNameOf(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

export const commonFlags: readonly FlagSpec[] = [
  {
    name: 'data-dir',
    kind: 'text',
    placeholder: 'DIR',
    description: 'folder of the database and the checkpoints (or set LP_WORKBENCH_DATA_DIR)',
    group: 'Every command',
  },
  { name: 'json', kind: 'switch', description: 'print results as JSON', group: 'Every command' },
  { name: 'help', kind: 'switch', description: 'show this text', group: 'Every command' },
];
