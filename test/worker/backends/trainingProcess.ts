/** Trains a few steps in a process of its own and reports the numbers; closes the device unless told to forget it. */
import { openDevice } from '../../../src/worker/backends/openDevice.ts';
import { trainingSteps } from './trainingSteps.ts';

const [wasmDir, ending] = process.argv.slice(2) as [string, string];
const device = await openDevice('wasm', { wasmDir, threads: 2 });
const numbers = trainingSteps(device);
if (process.send) process.send(numbers);
else process.stdout.write(JSON.stringify(numbers));
if (ending === 'close') device.close();
