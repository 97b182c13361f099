import { runConfigJsonSchema } from '../../../core/contract/runConfig.ts';
import { exitCodes } from '../command.ts';
import type { Command } from '../command.ts';

export const configCommands: readonly Command[] = [
  {
    name: 'config schema',
    summary: 'JSON Schema of the configuration files that train takes.',
    async run({ host }) {
      host.out(`${JSON.stringify(runConfigJsonSchema(), null, 2)}\n`);
      return exitCodes.done;
    },
  },
];
