import { probeDevices } from '../backends/openDevice.ts';

/** A program of its own: writes the devices of this machine as one JSON array (DeviceProbe[]) to stdout. */
const [wasmDir = ''] = process.argv.slice(2);
const probes = await probeDevices({ wasmDir });
// what a library keeps running must not keep the process
process.stdout.write(JSON.stringify(probes), () => process.exit(0));
