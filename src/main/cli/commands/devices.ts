import { probeInNode } from '../../process/probeInNode.ts';
import { exitCodes } from '../command.ts';
import type { Command } from '../command.ts';
import { probeProgram } from '../places.ts';
import { renderTable } from '../terminal/table.ts';

export const devicesCommand: Command = {
  name: 'devices',
  summary: 'The devices that can train on this machine.',
  async run({ host, isJson }) {
    const devices = await probeInNode(probeProgram());
    if (isJson) host.out(`${JSON.stringify(devices)}\n`);
    else {
      const columns = [
        { title: 'Id' },
        { title: 'Works' },
        { title: 'Threads', align: 'right' },
        { title: 'What it is' },
      ] as const;
      const rows = devices.map(({ id, available, threads, description, reason }) => [
        id,
        available ? 'yes' : 'no',
        String(threads),
        available ? description : `${description}: ${reason ?? 'not available'}`,
      ]);
      host.out(renderTable(columns, rows));
    }
    return exitCodes.done;
  },
};
