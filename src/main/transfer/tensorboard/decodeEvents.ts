import { doubleOf, floatOf, protobufFields, textOf } from '../../../core/encoding/protobufFields.ts';
import type { HyperparameterValue } from './encodeEvents.ts';

/** What one event says that a run can keep. */
export interface DecodedEvent {
  wallSeconds: number;
  step: number;
  scalars: { tag: string; value: number }[];
  texts: { tag: string; text: string }[];
  hyperparameters: Record<string, HyperparameterValue>;
  /** values of other kinds: pictures, histograms, graphs */
  leftOut: number;
}

const numberTypes = { float: 1, double: 2, int32: 3, string: 7, int64: 9 } as const;

/** One record of an event file. Throws AppError `fileUnreadable`. */
export function decodeEvent(record: Uint8Array): DecodedEvent {
  const event: DecodedEvent = { wallSeconds: 0, step: 0, scalars: [], texts: [], hyperparameters: {}, leftOut: 0 };
  for (const field of protobufFields(record)) {
    if (field.field === 1 && field.wireType === 1) event.wallSeconds = doubleOf(field);
    else if (field.field === 2 && field.wireType === 0) event.step = Number(field.integer);
    else if (field.field === 5 && field.wireType === 2) {
      for (const value of protobufFields(field.bytes)) {
        if (value.field === 1 && value.wireType === 2) readValue(value.bytes, event);
      }
    } else if (field.field > 3 && field.wireType === 2) event.leftOut++;
  }
  return event;
}

function readValue(bytes: Uint8Array, event: DecodedEvent): void {
  let tag = '';
  let simple: number | null = null;
  let tensor: Uint8Array | null = null;
  let plugin: { name: string; content: Uint8Array } | null = null;
  for (const field of protobufFields(bytes)) {
    if (field.field === 1 && field.wireType === 2) tag = textOf(field);
    else if (field.field === 2 && field.wireType === 5) simple = floatOf(field);
    else if (field.field === 8 && field.wireType === 2) tensor = field.bytes;
    else if (field.field === 9 && field.wireType === 2) plugin = readPlugin(field.bytes);
  }
  if (plugin?.name === 'hparams') {
    Object.assign(event.hyperparameters, readHyperparameters(plugin.content));
    return;
  }
  const content = tensor && readTensor(tensor);
  if (simple !== null) event.scalars.push({ tag, value: simple });
  else if (typeof content === 'number') event.scalars.push({ tag, value: content });
  else if (typeof content === 'string') event.texts.push({ tag, text: content });
  else event.leftOut++;
}

function readPlugin(metadata: Uint8Array): { name: string; content: Uint8Array } | null {
  for (const field of protobufFields(metadata)) {
    if (field.field !== 1 || field.wireType !== 2) continue;
    const plugin = { name: '', content: new Uint8Array(0) as Uint8Array };
    for (const part of protobufFields(field.bytes)) {
      if (part.field === 1 && part.wireType === 2) plugin.name = textOf(part);
      if (part.field === 2 && part.wireType === 2) plugin.content = part.bytes;
    }
    return plugin;
  }
  return null;
}

/** A tensor of a single number or text; null for others. */
function readTensor(bytes: Uint8Array): number | string | null {
  let type = 0;
  let elements = 1n;
  const found: (number | string)[] = [];
  for (const field of protobufFields(bytes)) {
    if (field.field === 1 && field.wireType === 0) type = Number(field.integer);
    else if (field.field === 2 && field.wireType === 2) elements = elementsOf(field.bytes);
    else if (field.field === 8 && field.wireType === 2) found.push(textOf(field));
    else if (field.wireType === 2 && field.bytes.length > 0) {
      // tensor_content, or a packed list of one type
      const view = new DataView(field.bytes.buffer, field.bytes.byteOffset, field.bytes.byteLength);
      if (field.field === 4 || field.field === 5 || field.field === 6) {
        if (type === numberTypes.float && view.byteLength === 4) found.push(view.getFloat32(0, true));
        else if (type === numberTypes.double && view.byteLength === 8) found.push(view.getFloat64(0, true));
        else if (type === numberTypes.int32 && view.byteLength === 4) found.push(view.getInt32(0, true));
        else if (type === numberTypes.int64 && view.byteLength === 8) found.push(Number(view.getBigInt64(0, true)));
      }
    } else if (field.field === 5 && field.wireType === 5) found.push(floatOf(field));
    else if (field.field === 6 && field.wireType === 1) found.push(doubleOf(field));
    else if ((field.field === 7 || field.field === 10) && field.wireType === 0) found.push(Number(field.integer));
  }
  return elements === 1n && found.length === 1 ? found[0]! : null;
}

function elementsOf(shape: Uint8Array): bigint {
  let product = 1n;
  for (const dim of protobufFields(shape)) {
    if (dim.field !== 2 || dim.wireType !== 2) continue;
    for (const part of protobufFields(dim.bytes)) if (part.field === 1 && part.wireType === 0) product *= part.integer;
  }
  return product;
}

function readHyperparameters(content: Uint8Array): Record<string, HyperparameterValue> {
  const read: Record<string, HyperparameterValue> = {};
  for (const data of protobufFields(content)) {
    if (data.field !== 3 || data.wireType !== 2) continue;
    for (const entry of protobufFields(data.bytes)) {
      if (entry.field !== 1 || entry.wireType !== 2) continue;
      let name = '';
      let value: HyperparameterValue | undefined;
      for (const part of protobufFields(entry.bytes)) {
        if (part.field === 1 && part.wireType === 2) name = textOf(part);
        if (part.field === 2 && part.wireType === 2) value = readAnyValue(part.bytes);
      }
      if (name !== '' && value !== undefined) read[name] = value;
    }
  }
  return read;
}

function readAnyValue(bytes: Uint8Array): HyperparameterValue | undefined {
  for (const field of protobufFields(bytes)) {
    if (field.field === 2 && field.wireType === 1) return doubleOf(field);
    if (field.field === 3 && field.wireType === 2) return textOf(field);
    if (field.field === 4 && field.wireType === 0) return field.integer !== 0n;
  }
  return undefined;
}
