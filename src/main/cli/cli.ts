import { AppError, asAppError } from '../../core/errors.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { nearestName } from '../../core/text/nearestName.ts';
import type { CliHost } from './cliHost.ts';
import { exitCodes } from './command.ts';
import type { Command } from './command.ts';
import { commands } from './commands/commands.ts';
import { dataDirOf } from '../dataDir.ts';
import { commonFlags } from './flags/flagSpec.ts';
import { commandHelp, overviewHelp } from './flags/help.ts';
import { parseArguments } from './flags/parseArguments.ts';
import { softwareVersion } from './softwareVersion.ts';

/** What the user wrote is wrong, as opposed to what happened while doing it. */
const usageCodes: ReadonlySet<ErrorCode> = new Set([
  'badUsage',
  'badConfig',
  'unknownOptimizer',
  'unknownModel',
  'unknownDataset',
  'unknownRun',
  'unknownDevice',
  'unknownFunction',
  'unknownStudy',
  'unknownRecipe',
  'ambiguousRun',
  'shapeMismatch',
]);

/** Runs one command line and answers its exit code. Every failure ends as one sentence on stderr. */
export async function runCli(args: readonly string[], host: CliHost): Promise<number> {
  try {
    return await dispatch(args, host);
  } catch (error) {
    const { code, message } = asAppError(error);
    host.err(args.includes('--json') ? `${JSON.stringify({ error: { code, message } })}\n` : `Error: ${message}\n`);
    return usageCodes.has(code) ? exitCodes.badUsage : exitCodes.failed;
  }
}

async function dispatch(args: readonly string[], host: CliHost): Promise<number> {
  const [first] = args;
  if (first === undefined) {
    host.err(overviewHelp(commands));
    return exitCodes.badUsage;
  }
  if (first === '--help' || first === '-h' || first === 'help') {
    host.out(overviewHelp(commands));
    return exitCodes.done;
  }
  if (first === '--version') {
    host.out(`${softwareVersion}\n`);
    return exitCodes.done;
  }
  const { command, rest } = findCommand(args, host);
  if (!command) return exitCodes.done;
  const flags = [...(command.flags ?? []), ...commonFlags];
  const parsed = parseArguments(rest, { command: command.name, flags, positionals: command.positionals ?? [] });
  if (parsed.isOn('help')) {
    host.out(commandHelp(command));
    return exitCodes.done;
  }
  const dataDir = dataDirOf(parsed.text('data-dir'), host);
  return command.run({ host, args: parsed, dataDir, isJson: parsed.isOn('json') });
}

/** The command that the first one or two words name; none when a group was asked for help, which is then shown. */
function findCommand(
  args: readonly string[],
  host: CliHost,
): { command: Command | undefined; rest: readonly string[] } {
  const [first = '', second = ''] = args;
  const both = commands.find((command) => command.name === `${first} ${second}`);
  if (both) return { command: both, rest: args.slice(2) };
  const exact = commands.find((command) => command.name === first);
  if (exact) return { command: exact, rest: args.slice(1) };
  const group = commands.filter((command) => command.name.startsWith(`${first} `));
  if (group.length === 0) {
    throw unknownName(
      `There is no command "${first}"`,
      first,
      commands.map((command) => command.name.split(' ')[0]!),
    );
  }
  if (second === '--help' || second === '-h') {
    host.out(overviewHelp(group));
    return { command: undefined, rest: [] };
  }
  const words = group.map((command) => command.name.slice(first.length + 1));
  const inGroup = group.find((command) => command.name === `${first} ${second}`);
  if (inGroup) return { command: inGroup, rest: args.slice(2) };
  if (second === '') throw new AppError('badUsage', `${first} needs one of: ${words.join(', ')}.`);
  throw unknownName(`${first} has no command "${second}"`, second, words);
}

function unknownName(problem: string, name: string, known: readonly string[]): AppError {
  const near = nearestName(name, known);
  const hint = near ? `; did you mean "${near}"?` : '.';
  return new AppError('badUsage', `${problem}${hint} Known: ${[...new Set(known)].join(', ')}.`);
}
