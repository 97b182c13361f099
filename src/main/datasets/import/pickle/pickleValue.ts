/** An array as NumPy pickles it; of other types than whole bytes the data stay as they are. */
export class PickledArray {
  shape: readonly number[] = [];
  /** NumPy's type without byte order: "u1", "i8" */
  type = '';
  isFortranOrder = false;
  data: Uint8Array | PickleValue[] = new Uint8Array(0);
}

/** A NumPy type while it is put together. */
export class PickledType {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A function or class that a pickle names, and that is known to do no harm. Nothing of Python is ever run. */
export class PickledName {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A tuple is a frozen array. Keys of dictionaries are text; those of bytes are read as Latin-1. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<string, PickleValue>
  | PickledArray
  | PickledType
  | PickledName;
