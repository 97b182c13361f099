import path from 'node:path';
import type { DeviceInfo } from '../../../core/contract/devices.ts';
import { createDeviceCache } from '../../devices/deviceCache.ts';
import { machineKey } from '../../devices/machineKey.ts';
import { createDevicesService } from '../../services/devicesService.ts';
import { dataDirLayout } from '../../storage/dataDirLayout.ts';
import { exitCodes } from '../command.ts';
import type { Command, CommandContext } from '../command.ts';
import { probeDevices } from '../places.ts';
import { softwareVersion } from '../softwareVersion.ts';
import { renderTable } from '../terminal/table.ts';

const columns = [
  { title: 'Id' },
  { title: 'Works' },
  { title: 'Steps/s', align: 'right' },
  { title: 'Threads', align: 'right' },
  { title: 'What it is' },
] as const;

const steps = ({ stepsPerSecond }: DeviceInfo): string =>
  stepsPerSecond === null ? '' : stepsPerSecond < 10 ? stepsPerSecond.toPrecision(2) : stepsPerSecond.toFixed(0);

function show({ host, isJson }: CommandContext, devices: readonly DeviceInfo[]): void {
  if (isJson) {
    host.out(`${JSON.stringify(devices)}\n`);
    return;
  }
  const rows = devices.map((device) => [
    device.isAuto ? `${device.id} (auto)` : device.id,
    device.available ? 'yes' : 'no',
    steps(device),
    String(device.threads),
    device.description,
  ]);
  host.out(renderTable(columns, rows));
  // unbroken, so that a command in one can be copied
  const reasons = devices.flatMap(({ id, available, reason }) =>
    available || reason === undefined ? [] : [`  ${id}: ${reason}\n`],
  );
  if (reasons.length > 0) host.out(`\nWhat does not work here, and why:\n${reasons.join('')}`);
}

async function list(context: CommandContext, refresh: boolean): Promise<number> {
  const { devices } = dataDirLayout(context.dataDir);
  const service = createDevicesService({
    probeDevices,
    cache: createDeviceCache(path.resolve(devices), () => machineKey(softwareVersion)),
    preferred: () => 'auto',
    onExamine: () => context.host.err('Examining the devices of this machine…\n'),
  });
  show(context, await service.devices.list({ refresh }));
  return exitCodes.done;
}

export const deviceCommands: readonly Command[] = [
  {
    name: 'devices',
    summary: 'The devices that can train on this machine, the fastest first.',
    details: [
      'Every device is examined once, in a process of its own: a small training step is compared with float64, then its ' +
        'speed is measured. The result is kept in the data folder until machine, drivers or program change.',
      'A run with the device "auto" takes the fastest that computes right and is a real one.',
    ],
    run: (context) => list(context, false),
  },
  {
    name: 'devices check',
    summary: 'Examines the devices again.',
    run: (context) => list(context, true),
  },
];
