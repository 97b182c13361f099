import { fileURLToPath } from 'node:url';
import { exitCodes } from '../command.ts';
import type { Command, CommandContext } from '../command.ts';
import { projectFolder } from '../places.ts';
import { build, isBuildCurrent } from '../start/build.ts';
import { findElectron } from '../start/findElectron.ts';
import { noScreenReason, runElectron } from '../start/runElectron.ts';
import { serve } from './serve.ts';

export const startCommand: Command = {
  name: 'start',
  summary: 'Opens the workbench in a window of its own; where that cannot be, in a browser.',
  details: [
    'Builds it first if its sources are newer. The window is an Electron program, downloaded with the first start. Without ' +
      'it, or without a screen, the workbench is served to a browser instead, and a line says why and what to do.',
  ],
  flags: [
    {
      name: 'port',
      kind: 'number',
      description: 'the port to listen on, if it is shown in a browser',
      defaultText: 'a free one',
    },
  ],
  examples: ['npm start', 'npm start -- --data-dir ~/experiments'],
  async run(context) {
    const { host, dataDir } = context;
    const projectDir = fileURLToPath(projectFolder);
    if (!isBuildCurrent(projectDir)) await build(projectDir, host);
    const noScreen = noScreenReason(host);
    if (noScreen) return serveInstead(context, noScreen, false);
    const search = await findElectron(host);
    if (search.program === null) return serveInstead(context, search.reason, true);
    const end = await runElectron(search.program, projectDir, dataDir, host);
    if (end.code === null) return serveInstead(context, end.reason, true);
    return end.code === 0 ? exitCodes.done : exitCodes.failed;
  },
};

function serveInstead(context: CommandContext, reason: string, isOpening: boolean): Promise<number> {
  const notice = `The workbench runs in the browser, because ${reason}.`;
  context.host.err(`${notice}\n`);
  return serve(context, { notice, isOpening });
}
