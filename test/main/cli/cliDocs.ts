import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { commands } from '../../../src/main/cli/commands/commands.ts';
import { commandHelp, overviewHelp } from '../../../src/main/cli/flags/help.ts';

/** docs/cli.md comes from the commands themselves. To write it anew: node test/main/cli/cliDocs.ts */
export const docsFile = fileURLToPath(new URL('../../../docs/cli.md', import.meta.url));

const introduction = `# Command line

Written from the commands in \`src/main/cli\` by \`node test/main/cli/cliDocs.ts\`; change it there.

Run it as \`npx lp-workbench COMMAND\` in the checkout.

- Results go to stdout; progress, logs and errors go to stderr. With \`--json\` results are JSON, and an error is one line \`{"error":{"code":...,"message":...}}\`.
- Exit code: 0 done, 1 failed, 2 bad usage, 130 interrupted by the user.
- The data folder holds the database and the checkpoints. It is \`--data-dir\`, else the environment variable \`LP_WORKBENCH_DATA_DIR\`, else \`$XDG_DATA_HOME/lp-workbench\` (or \`~/.local/share/lp-workbench\`) on Linux, \`~/Library/Application Support/lp-workbench\` on macOS and \`%APPDATA%\\lp-workbench\` on Windows.
- One program at a time may train in a data folder or change it. \`runs list\`, \`runs show\`, \`datasets list\` and \`metrics\` only read, so they work beside it.
- A run is named by its id, the beginning of its id if no other run begins so, or its name.
- Ctrl-C while a run trains pauses it with a checkpoint, says how to continue and ends with exit code 130; a second Ctrl-C ends at once.
- The flags of optimizers and models come from their catalogues: \`weightDecay\` is \`--weight-decay\`. A flag that does not belong to the chosen optimizer or model is refused.
- Lists of numbers are joined by commas: \`--hidden 128,64\`. A value may be negative: \`--start -2,9\`.
`;

const block = (text: string): string => `\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`;

/** The whole page, as prettier leaves it. */
export async function cliDocs(): Promise<string> {
  const sections = commands.map((command) => `## ${command.name}\n\n${block(commandHelp(command))}`);
  const page = [introduction, block(overviewHelp(commands)), ...sections].join('\n');
  return format(page, { ...(await resolveConfig(docsFile)), parser: 'markdown' });
}

export const writtenDocs = (): Promise<string> => readFile(docsFile, 'utf8');

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(docsFile, await cliDocs());
