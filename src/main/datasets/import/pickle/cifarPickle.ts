import { unreadable, type Place } from '../importErrors.ts';
import { PickledArray, type PickleValue } from './pickleValue.ts';

const pixelBytes = 3_072;

/** One file of CIFAR as Python keeps it. */
export interface CifarPickle {
  /** [rows, 3072]: red, green and blue planes of 32 x 32 */
  pixels: Uint8Array;
  rows: number;
  /** by the name the file gives them: "labels", or "fine_labels" and "coarse_labels" */
  labels: Record<string, Int32Array>;
}

const labelNames = ['labels', 'fine_labels', 'coarse_labels'];

/** The file of pixels in an unpickled value; null when it is something else. Throws `fileUnreadable` where it contradicts itself. */
export function cifarBatchOf(value: PickleValue, place: Place): CifarPickle | null {
  if (!(value instanceof Map)) return null;
  const data = value.get('data');
  const found = labelNames.filter((name) => Array.isArray(value.get(name)));
  if (!(data instanceof PickledArray) || found.length === 0) return null;
  const [rows = 0, width] = data.shape;
  if (data.type !== 'u1' || data.shape.length !== 2 || width !== pixelBytes || data.isFortranOrder) {
    throw unreadable(
      place,
      `its data are ${data.type} of ${data.shape.join(' x ')}, and those of CIFAR u1 of N x 3072.`,
    );
  }
  const pixels = data.data;
  if (!(pixels instanceof Uint8Array) || pixels.length !== rows * pixelBytes) {
    throw unreadable(place, `its data hold ${pixels.length} bytes, and ${rows} images have ${rows * pixelBytes}.`);
  }
  const labels: Record<string, Int32Array> = {};
  for (const name of found) {
    const list = value.get(name) as PickleValue[];
    if (list.length !== rows) {
      throw unreadable(place, `it has ${rows} images and ${list.length} ${name.replace('_', ' ')}.`);
    }
    labels[name] = Int32Array.from(list, (label, row) => {
      if (typeof label === 'number' && Number.isInteger(label) && label >= 0 && label < 1_000) return label;
      throw unreadable({ ...place, row: row + 1 }, `${name} holds ${String(label)}, which is no class.`);
    });
  }
  return { pixels, rows, labels };
}

/** Class names by the name of their labels, of the file "batches.meta" or "meta". */
export function cifarNamesOf(value: PickleValue): Record<string, string[]> | null {
  if (!(value instanceof Map)) return null;
  const names: Record<string, string[]> = {};
  for (const [key, labels] of [
    ['label_names', 'labels'],
    ['fine_label_names', 'fine_labels'],
    ['coarse_label_names', 'coarse_labels'],
  ] as const) {
    const list = value.get(key);
    if (!Array.isArray(list)) continue;
    names[labels] = list.map((name) =>
      name instanceof Uint8Array ? Buffer.from(name).toString('latin1') : String(name),
    );
  }
  return Object.keys(names).length > 0 ? names : null;
}
