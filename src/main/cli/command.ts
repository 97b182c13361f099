import type { FlagSpec, PositionalSpec } from './flags/flagSpec.ts';
import type { ParsedArguments } from './flags/parsedArguments.ts';
import type { CliHost } from './cliHost.ts';

export interface CommandContext {
  host: CliHost;
  args: ParsedArguments;
  dataDir: string;
  /** results as JSON */
  isJson: boolean;
}

/** One thing the command line can do. */
export interface Command {
  /** one or two words: `train`, `runs list` */
  name: string;
  summary: string;
  /** more sentences for the help text, one paragraph each */
  details?: readonly string[];
  examples?: readonly string[];
  positionals?: readonly PositionalSpec[];
  flags?: readonly FlagSpec[];
  /** Answers the exit code. Failures are thrown as AppError. */
  run(context: CommandContext): Promise<number>;
}

export const exitCodes = { done: 0, failed: 1, badUsage: 2, interrupted: 130 } as const;
