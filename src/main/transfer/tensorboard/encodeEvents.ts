import { ProtobufMessage } from '../../../core/encoding/protobufMessage.ts';

export type HyperparameterValue = string | number | boolean;

/** Counts of numbers between limits, as TensorBoard draws distributions. */
export interface Histogram {
  minimum: number;
  maximum: number;
  count: number;
  sum: number;
  sumOfSquares: number;
  /** upper end of each bucket, ascending */
  limits: readonly number[];
  counts: readonly number[];
}

/** What of the description of a run in the form of an event file (tensorflow/core/util/event.proto). */
export const runTag = 'lp-workbench/run';

function event(wallSeconds: number, step: number): ProtobufMessage {
  return new ProtobufMessage().double(1, wallSeconds).integer(2, step);
}

const withSummary = (wallSeconds: number, step: number, ...values: ProtobufMessage[]): Uint8Array => {
  const summary = new ProtobufMessage();
  for (const value of values) summary.bytes(1, value);
  return event(wallSeconds, step).bytes(5, summary).encode();
};

/** The first event of every file. */
export function versionEvent(wallSeconds: number): Uint8Array {
  return event(wallSeconds, 0).bytes(3, 'brain.Event:2').encode();
}

/** All scalars of one step, as 32-bit floats. */
export function scalarsEvent(
  wallSeconds: number,
  step: number,
  scalars: readonly (readonly [string, number])[],
): Uint8Array {
  const values = scalars.map(([tag, value]) => new ProtobufMessage().bytes(1, tag).float(2, value));
  return withSummary(wallSeconds, step, ...values);
}

export function histogramEvent(wallSeconds: number, step: number, tag: string, histogram: Histogram): Uint8Array {
  const { minimum, maximum, count, sum, sumOfSquares, limits, counts } = histogram;
  const message = new ProtobufMessage()
    .double(1, minimum)
    .double(2, maximum)
    .double(3, count)
    .double(4, sum)
    .double(5, sumOfSquares)
    .doubles(6, limits)
    .doubles(7, counts);
  return withSummary(wallSeconds, step, new ProtobufMessage().bytes(1, tag).bytes(5, message));
}

const pluginMetadata = (plugin: string, content: ProtobufMessage | string): ProtobufMessage =>
  new ProtobufMessage().bytes(1, new ProtobufMessage().bytes(1, plugin).bytes(2, content));

/** A text, shown on the Text page. */
export function textEvent(wallSeconds: number, tag: string, text: string): Uint8Array {
  const dtString = 7;
  const tensor = new ProtobufMessage()
    .integer(1, dtString)
    .bytes(2, new ProtobufMessage().bytes(2, new ProtobufMessage().integer(1, 1)))
    .bytes(8, text);
  const value = new ProtobufMessage().bytes(1, tag).bytes(8, tensor).bytes(9, pluginMetadata('text', ''));
  return withSummary(wallSeconds, 0, value);
}

/** A google.protobuf.Value. */
function anyValue(value: HyperparameterValue): ProtobufMessage {
  if (typeof value === 'number') return new ProtobufMessage().double(2, value);
  return typeof value === 'string'
    ? new ProtobufMessage().bytes(3, value)
    : new ProtobufMessage().integer(4, value ? 1 : 0);
}

const dataTypes = { string: 1, boolean: 2, number: 3 } as const;
const endStates = { success: 1, failure: 2, running: 3 } as const;
export type EndState = keyof typeof endStates;

/** The three events from which the HParams page is made: the experiment, the start and the end of this run in it. */
export function hyperparameterEvents(options: {
  name: string;
  hyperparameters: Readonly<Record<string, HyperparameterValue>>;
  metrics: readonly string[];
  startSeconds: number;
  endSeconds: number;
  state: EndState;
}): Uint8Array[] {
  const { hyperparameters, startSeconds, endSeconds } = options;
  const data = (field: number, content: ProtobufMessage): ProtobufMessage =>
    new ProtobufMessage().integer(1, 0).bytes(field, content);
  const summary = (tag: string, content: ProtobufMessage): Uint8Array =>
    withSummary(startSeconds, 0, new ProtobufMessage().bytes(1, tag).bytes(9, pluginMetadata('hparams', content)));

  const experiment = new ProtobufMessage().double(6, startSeconds);
  for (const [name, value] of Object.entries(hyperparameters)) {
    const type = dataTypes[typeof value as keyof typeof dataTypes];
    experiment.bytes(4, new ProtobufMessage().bytes(1, name).integer(4, type));
  }
  for (const tag of options.metrics) {
    experiment.bytes(5, new ProtobufMessage().bytes(1, new ProtobufMessage().bytes(2, tag)));
  }
  const start = new ProtobufMessage();
  for (const [name, value] of Object.entries(hyperparameters)) {
    start.bytes(1, new ProtobufMessage().bytes(1, name).bytes(2, anyValue(value)));
  }
  start.bytes(4, options.name).double(5, startSeconds);
  const end = new ProtobufMessage().integer(1, endStates[options.state]).double(2, endSeconds);
  return [
    summary('_hparams_/experiment', data(2, experiment)),
    summary('_hparams_/session_start_info', data(3, start)),
    summary('_hparams_/session_end_info', data(4, end)),
  ];
}
