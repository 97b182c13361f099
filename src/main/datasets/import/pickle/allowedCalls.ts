import { PickledArray, PickledName, PickledType, type PickleValue } from './pickleValue.ts';

/** What a pickle of numbers may call, here as plain functions of ours. Everything else that a pickle names is refused. */
type Call = (args: readonly PickleValue[]) => PickleValue;

class BadCall extends Error {}

function text(value: PickleValue | undefined): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  throw new BadCall('a text is missing');
}

function typeName(value: PickleValue | undefined): string {
  if (value instanceof PickledType) return value.name;
  return text(value);
}

function bytes(value: PickleValue | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return Buffer.from(value, 'latin1');
  throw new BadCall('the data of an array are missing');
}

function shapeOf(value: PickleValue | undefined): number[] {
  if (!Array.isArray(value) || !value.every((size) => Number.isSafeInteger(size) && Number(size) >= 0)) {
    throw new BadCall('an array has no shape');
  }
  return value.map(Number);
}

function arrayOf(data: PickleValue | undefined, type: PickleValue | undefined, shape: PickleValue | undefined) {
  const array = new PickledArray();
  array.data = bytes(data);
  array.type = typeName(type);
  array.shape = shapeOf(shape);
  return array;
}

/** A whole number as NumPy stores a single one. */
function scalar(type: PickleValue | undefined, data: PickleValue | undefined): number {
  const raw = Buffer.from(bytes(data));
  const name = typeName(type);
  const size = Number(name.slice(1));
  if (!/^[iu][1248]$/.test(name) || raw.length !== size) throw new BadCall('a single number is of another type');
  if (size === 8) return Number(name[0] === 'i' ? raw.readBigInt64LE() : raw.readBigUInt64LE());
  return name[0] === 'i' ? raw.readIntLE(0, size) : raw.readUIntLE(0, size);
}

const calls: Readonly<Record<string, Call>> = {
  'numpy.core.multiarray _reconstruct': () => new PickledArray(),
  'numpy.core.multiarray scalar': ([type, data]) => scalar(type, data),
  'numpy.core.numeric _frombuffer': ([data, type, shape]) => arrayOf(data, type, shape),
  'numpy dtype': ([name]) => new PickledType(text(name)),
  // how Python 3 writes bytes for Python 2
  '_codecs encode': ([value]) => Buffer.from(text(value), 'latin1'),
  '__builtin__ bytearray': ([value]) => (value === undefined ? new Uint8Array(0) : bytes(value)),
  '__builtin__ bytes': ([value]) => (value === undefined ? new Uint8Array(0) : bytes(value)),
};

/** Named but never called. */
const names: ReadonlySet<string> = new Set(['numpy ndarray']);

/** One spelling for what Python 2, Python 3, NumPy 1 and NumPy 2 write. */
function commonName(module: string, name: string): string {
  const common = module.replace(/^numpy\._core\b/, 'numpy.core').replace(/^builtins$/, '__builtin__');
  return `${common} ${name}`;
}

/** The thing a pickle names; null when it may not be used. */
export function findName(module: string, name: string): PickledName | null {
  const common = commonName(module, name);
  return Object.hasOwn(calls, common) || names.has(common) ? new PickledName(common) : null;
}

/** Throws an Error that says why where the arguments do not fit. */
export function callName(called: PickleValue, args: PickleValue): PickleValue {
  if (!(called instanceof PickledName) || !Object.hasOwn(calls, called.name) || !Array.isArray(args)) {
    throw new BadCall('something is called that is no function');
  }
  return calls[called.name]!(args);
}

/** Gives an object its state. Throws an Error that says why where the state does not fit. */
export function setState(target: PickleValue, state: PickleValue): void {
  // byte order, fields and the like of a type: whole bytes need none of it
  if (target instanceof PickledType) return;
  if (!(target instanceof PickledArray) || !Array.isArray(state) || state.length < 5) {
    throw new BadCall('an object has a state that is not known');
  }
  const [, shape, type, isFortranOrder, data] = state;
  target.shape = shapeOf(shape);
  target.type = typeName(type);
  target.isFortranOrder = Boolean(isFortranOrder);
  target.data = Array.isArray(data) ? data : bytes(data);
}
