import { AppError } from '../../../core/errors.ts';
import { nearestName } from '../../../core/text/nearestName.ts';
import type { FlagSpec, PositionalSpec } from './flagSpec.ts';
import { ParsedArguments } from './parsedArguments.ts';
import type { FlagValue } from './parsedArguments.ts';

export interface ArgumentSpecs {
  /** the command's full name, for messages */
  command: string;
  flags: readonly FlagSpec[];
  positionals: readonly PositionalSpec[];
}

/**
 * Reads `--flag value`, `--flag=value`, switches (`--flag`, `--no-flag`), positionals, and `--` before positionals that
 * begin with dashes. A value may begin with one dash, so `--lr -1` and `--start -2,9` mean what they say.
 * Throws AppError `badUsage`.
 */
export function parseArguments(args: readonly string[], specs: ArgumentSpecs): ParsedArguments {
  const values = new Map<string, FlagValue>();
  const positionals: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const argument = args[i]!;
    if (argument === '--') {
      positionals.push(...args.slice(i + 1));
      break;
    }
    if (argument === '-h') {
      values.set('help', true);
      continue;
    }
    if (!argument.startsWith('--')) {
      if (isShortFlag(argument)) throw unknownFlag(argument, specs);
      positionals.push(argument);
      continue;
    }
    const { name, attached } = splitFlag(argument);
    const flag = findFlag(name, specs);
    if (flag.kind === 'switch') {
      values.set(flag.name, switchValue(argument, flag, attached));
      continue;
    }
    if (flag.kind === 'optionalText') {
      values.set(flag.name, attached ?? '');
      continue;
    }
    const text = attached ?? args[++i];
    if (text === undefined || (attached === undefined && text.startsWith('--'))) {
      throw badUsage(`--${name} needs a value: --${name} ${flag.placeholder ?? 'VALUE'}.`);
    }
    const value = valueOf(flag, text);
    if (flag.repeatable) values.set(name, [...((values.get(name) as string[] | undefined) ?? []), String(value)]);
    else if (values.has(name)) throw badUsage(`--${name} is given twice; give it once.`);
    else values.set(name, value);
  }
  if (values.get('help') !== true) checkPositionals(positionals, specs);
  return new ParsedArguments(values, positionals);
}

function badUsage(message: string): AppError {
  return new AppError('badUsage', message);
}

/** A dash and a letter: neither a number nor a lone dash. */
function isShortFlag(argument: string): boolean {
  return /^-[a-z]/i.test(argument);
}

function splitFlag(argument: string): { name: string; attached: string | undefined } {
  const equals = argument.indexOf('=');
  return equals === -1
    ? { name: argument.slice(2), attached: undefined }
    : { name: argument.slice(2, equals), attached: argument.slice(equals + 1) };
}

function findFlag(name: string, specs: ArgumentSpecs): FlagSpec {
  const exact = specs.flags.find((flag) => flag.name === name);
  if (exact) return exact;
  const negated = name.startsWith('no-')
    ? specs.flags.find((flag) => flag.kind === 'switch' && flag.name === name.slice(3))
    : undefined;
  if (negated) return negated;
  throw unknownFlag(`--${name}`, specs);
}

function unknownFlag(argument: string, { command, flags }: ArgumentSpecs): AppError {
  const name = argument.replace(/^-+/, '');
  const names = flags.map((flag) => flag.name);
  // one letter is near to everything short
  const near = name.length > 1 ? nearestName(name, names) : undefined;
  const hint = near ? `; did you mean --${near}?` : '.';
  return badUsage(`${command} has no flag ${argument}${hint} See: lp-workbench ${command} --help`);
}

function switchValue(argument: string, flag: FlagSpec, attached: string | undefined): boolean {
  if (attached !== undefined && attached !== 'true' && attached !== 'false') {
    throw badUsage(`--${flag.name} is a switch: it takes no value, got "${attached}".`);
  }
  const isNegated = argument.startsWith(`--no-${flag.name}`) && !flag.name.startsWith('no-');
  return (attached !== 'false') !== isNegated;
}

function valueOf(flag: FlagSpec, text: string): FlagValue {
  switch (flag.kind) {
    case 'number':
      return numberOf(flag, text);
    case 'numbers':
      return text.split(',').map((part) => numberOf(flag, part));
    default:
      if (flag.choices && !flag.choices.includes(text)) {
        const near = nearestName(text, flag.choices);
        const hint = near ? `; did you mean "${near}"?` : '.';
        throw badUsage(`--${flag.name} must be one of ${flag.choices.join(', ')}, got "${text}"${hint}`);
      }
      return text;
  }
}

function numberOf(flag: FlagSpec, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  const what = flag.kind === 'numbers' ? 'numbers joined by commas, without spaces' : 'a number';
  throw badUsage(`--${flag.name} must be ${what}, got "${text}".`);
}

function checkPositionals(given: readonly string[], { command, positionals }: ArgumentSpecs): void {
  const missing = positionals.find((_, i) => given[i] === undefined);
  if (missing) {
    throw badUsage(`${command} needs ${missing.name} (${missing.description}). See: lp-workbench ${command} --help`);
  }
  if (positionals.at(-1)?.variadic) return;
  const extra = given[positionals.length];
  if (extra !== undefined) {
    throw badUsage(`${command} does not know what to do with "${extra}". See: lp-workbench ${command} --help`);
  }
}
