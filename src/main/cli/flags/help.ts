import type { Command } from '../command.ts';
import { wrap } from '../terminal/wrap.ts';
import { commonFlags } from './flagSpec.ts';
import type { FlagSpec } from './flagSpec.ts';

const width = 100;
const leftColumn = 30;

export function commandHelp(command: Command): string {
  const positionals = command.positionals ?? [];
  const usage = positionals.map((p) => (p.variadic ? `${p.name}...` : p.name)).join(' ');
  const head = [
    `Usage: lp-workbench ${[command.name, usage, '[flags]'].filter(Boolean).join(' ')}`,
    '',
    command.summary,
  ];
  const details = (command.details ?? []).flatMap((paragraph) => ['', ...wrap(paragraph, width)]);
  const named = positionals.length > 0 ? ['', ...positionals.flatMap((p) => entry(p.name, p.description))] : [];
  const examples = command.examples ? ['', 'Examples:', ...command.examples.map((line) => `  ${line}`)] : [];
  return lines([
    ...head,
    ...details,
    ...named,
    ...flagSections([...(command.flags ?? []), ...commonFlags]),
    ...examples,
  ]);
}

export function overviewHelp(commands: readonly Command[]): string {
  return lines([
    'Usage: lp-workbench COMMAND [flags]',
    '',
    'Trains neural networks with LPSGD, LPSGDM and other optimizers, and keeps every run.',
    '',
    ...commands.flatMap((command) => entry(command.name, command.summary)),
    ...flagSections([
      ...commonFlags,
      { name: 'version', kind: 'switch', description: 'show the version', group: 'Every command' },
    ]),
    '',
    'Results go to stdout, progress and errors to stderr. Exit code: 0 done, 1 failed, 2 bad usage, 130 interrupted.',
  ]);
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}

function flagSections(flags: readonly FlagSpec[]): string[] {
  const groups = [...new Set(flags.map((flag) => flag.group ?? 'Flags'))];
  return groups.flatMap((group) => [
    '',
    `${group}:`,
    ...flags.filter((flag) => (flag.group ?? 'Flags') === group).flatMap(flagEntry),
  ]);
}

function flagEntry(flag: FlagSpec): string[] {
  const placeholder =
    flag.placeholder ?? { text: 'TEXT', number: 'N', numbers: 'N,N', optionalText: 'TEXT', switch: '' }[flag.kind];
  const choices = flag.choices ? `: ${flag.choices.join(', ')}` : '';
  const fallback = flag.defaultText === undefined ? '' : ` (default ${flag.defaultText})`;
  const dashes = flag.kind === 'switch' && flag.defaultText !== undefined ? '--[no-]' : '--';
  const value = flag.kind === 'optionalText' ? `[=${placeholder}]` : ` ${placeholder}`;
  return entry(`${dashes}${flag.name}${value}`.trimEnd(), `${flag.description}${choices}${fallback}`);
}

function entry(left: string, right: string): string[] {
  const [first = '', ...rest] = wrap(right, width - leftColumn - 2);
  const indent = ' '.repeat(leftColumn + 2);
  const continued = rest.map((line) => indent + line);
  return left.length < leftColumn
    ? [`  ${left.padEnd(leftColumn)}${first}`, ...continued]
    : [`  ${left}`, indent + first, ...continued];
}
