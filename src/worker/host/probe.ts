import os from 'node:os';
import { deviceAbsence, deviceIds, deviceTitle, openDevice, type DeviceId } from '../backends/openDevice.ts';
import { defaultThreads } from '../backends/threads.ts';
import { listAdapters } from '../backends/webgpu/adapters.ts';
import { loadDawn } from '../backends/webgpu/dawn.ts';
import { checkDevice, isCorrect, measureDevice } from '../probe/checkStep.ts';

/**
 * A program of its own, because a driver may crash or hang it: `list` writes what there is to examine, with the reason
 * where a device is known to be absent, and `measure ID` examines one device. Each answer is one line of JSON on stdout;
 * what libraries print there is not.
 */
const [task = '', wasmDir = '', id = ''] = process.argv.slice(2);
const answer = (value: unknown): void => void process.stdout.write(`\n${JSON.stringify(value)}\n`);

const unavailable = (device: string, reason: string): object => ({
  id: device,
  available: false,
  description: deviceTitle(device),
  threads: device === 'cpu' ? 1 : defaultThreads(),
  reason,
});

/** What cannot even be looked for is examined, which says what is wrong. */
function absence(device: DeviceId): string | undefined {
  try {
    return deviceAbsence(device);
  } catch {
    return undefined;
  }
}

async function list(): Promise<void> {
  answer({
    devices: deviceIds.map((each) => {
      const reason = absence(each);
      return { id: each, title: deviceTitle(each), ...(reason !== undefined && { absent: unavailable(each, reason) }) };
    }),
  });
  // a driver is loaded only after what is known without one has been said
  const adapters = await loadDawn().then(listAdapters, () => []);
  answer({ adapters });
}

async function measure(): Promise<void> {
  const warnings: string[] = [];
  const failed = (error: unknown, more: object = {}): void =>
    answer({ ...unavailable(id, error instanceof Error ? error.message : String(error)), ...more });
  try {
    const device = await openDevice(id, { wasmDir, warn: (message) => warnings.push(message) });
    const { description, threads, isSoftware = false } = device;
    const facts = { description, threads, isSoftware, hardware: device.hardware ?? processorOf(id) };
    try {
      const difference = await checkDevice(device);
      if (!isCorrect(difference)) {
        const off = Number.isFinite(difference) ? `by ${difference.toPrecision(2)} of their value` : 'to no number';
        failed(`It computes wrongly: the losses of a small training step are off ${off}. Update its driver.`, facts);
        return;
      }
      // said now, so that a device that is right but never done with its speed still works
      answer({ id, available: true, stepsPerSecond: null, ...facts });
      const stepsPerSecond = await measureDevice(device, () => performance.now());
      answer({ id, available: true, stepsPerSecond, ...facts });
    } catch (error) {
      failed(error, facts);
    } finally {
      device.close();
    }
  } catch (error) {
    failed(error);
  }
}

/** Null for a device of graphics cards that does not tell which of them computes. */
function processorOf(device: string): string | null {
  const isProcessor = ['cpu', 'wasm', 'onnx-cpu', 'native'].includes(device);
  return isProcessor ? (os.cpus()[0]?.model.trim() ?? null) : null;
}

await (task === 'list' ? list() : measure());
// what a library keeps running must not keep the process
process.stdout.write('', () => process.exit(0));
