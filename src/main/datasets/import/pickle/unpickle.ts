import type { Place } from '../importErrors.ts';
import { messageOf, unreadable, unsafeArchive } from '../importErrors.ts';
import { callName, findName, setState } from './allowedCalls.ts';
import type { PickleValue } from './pickleValue.ts';

/** Objects and steps that a pickle of numbers may have; a list of a million labels has three million steps. */
const mostSteps = 50_000_000;

const mark = Symbol('mark');
type Entry = PickleValue | typeof mark;

/**
 * Reads a Python pickle of protocol 0 to 5 as data: lists, dictionaries, numbers, texts, bytes and NumPy arrays. Nothing is
 * executed and no class is made: what a pickle may name is a closed list. Bytes are parts of the given ones. Throws
 * `unsafeArchive` where it names anything else, `fileUnreadable` where it is damaged.
 */
export function unpickle(bytes: Uint8Array, place: Place): PickleValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: Entry[] = [];
  const memo: PickleValue[] = [];
  let at = 0;

  const damaged = (why: string, cause?: unknown): never => {
    throw unreadable(place, `its pickle data is damaged: ${why} (at byte ${at}).`, cause);
  };
  const take = (length: number): number => {
    if (!(length >= 0) || at + length > bytes.length) damaged('it is cut off');
    at += length;
    return at - length;
  };
  const part = (length: number): Uint8Array => bytes.subarray(take(length), at);
  const u1 = (): number => bytes[take(1)]!;
  const u4 = (): number => view.getUint32(take(4), true);
  const u8 = (): number => Number(view.getBigUint64(take(8), true));
  const latin1 = (raw: Uint8Array): string =>
    Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('latin1');
  const utf8 = (raw: Uint8Array): string => Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('utf8');
  const line = (): string => {
    const end = bytes.indexOf(10, at);
    if (end === -1) damaged('it is cut off');
    const text = latin1(part(end - at));
    at++;
    return text;
  };
  const pop = (): PickleValue => {
    const value = stack.pop();
    return value === undefined || value === mark ? damaged('it takes what is not there') : value;
  };
  const top = (): PickleValue => {
    const value = stack.at(-1);
    return value === undefined || value === mark ? damaged('it takes what is not there') : value;
  };
  const popToMark = (): PickleValue[] => {
    const start = stack.lastIndexOf(mark);
    if (start === -1) damaged('it takes what is not there');
    return stack.splice(start).slice(1) as PickleValue[];
  };
  const popCount = (count: number): PickleValue[] => Array.from({ length: count }, pop).toReversed();
  const keyOf = (key: PickleValue | undefined): string => {
    if (key instanceof Uint8Array) return latin1(key);
    if (typeof key === 'string' || typeof key === 'number') return String(key);
    return damaged('a dictionary has keys that are no texts');
  };
  const setItems = (target: PickleValue, items: readonly PickleValue[]): void => {
    if (!(target instanceof Map) || items.length % 2 !== 0) damaged('it sets items of what is no dictionary');
    for (let i = 0; i < items.length; i += 2) {
      (target as Map<string, PickleValue>).set(keyOf(items[i]), items[i + 1]!);
    }
  };
  const append = (target: PickleValue, items: readonly PickleValue[]): void => {
    if (!Array.isArray(target)) damaged('it appends to what is no list');
    for (const item of items) (target as PickleValue[]).push(item);
  };
  const global = (module: string, name: string): PickleValue =>
    findName(module, name) ??
    refuse(
      `it is a pickle that would run ${module}.${name} when Python loads it; it was not run. A dataset never needs that: do not open this file in Python either, unless you trust where it comes from.`,
    );
  const refuse = (why: string): never => {
    throw unsafeArchive(place, why);
  };
  const guarded = <Result>(use: () => Result): Result => {
    try {
      return use();
    } catch (error) {
      return damaged(messageOf(error), error);
    }
  };
  const remembered = (index: number): PickleValue => {
    const value = memo[index];
    return value === undefined ? damaged('it takes what it never kept') : value;
  };
  const remember = (index: number): void => {
    if (index > bytes.length) damaged('it keeps more than it has');
    memo[index] = top();
  };
  const decimal = (text: string): number | bigint | boolean => {
    if (text === '00' || text === '01') return text === '01';
    const number = Number(text.replace(/L$/, ''));
    return text === '' || Number.isNaN(number) ? damaged('a number is no number') : number;
  };
  const longOf = (raw: Uint8Array): number => {
    if (raw.length > 8) damaged('a number is too large');
    const value = raw.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    return Number(BigInt.asIntN(8 * raw.length, value));
  };

  for (let step = 0; ; step++) {
    if (step > mostSteps) damaged('it has more steps than any dataset');
    const op = String.fromCharCode(u1());
    switch (op) {
      case '\x80':
        if (u1() > 5) damaged('its version is not known');
        break;
      case '\x95':
        take(8);
        break;
      case '.':
        return pop();
      case '(':
        stack.push(mark);
        break;
      case '0':
        if (stack.pop() === undefined) damaged('it takes what is not there');
        break;
      case '1':
        popToMark();
        break;
      case '2':
        stack.push(top());
        break;
      case 'N':
        stack.push(null);
        break;
      case '\x88':
      case '\x89':
        stack.push(op === '\x88');
        break;
      case 'I':
      case 'L':
        stack.push(decimal(line()));
        break;
      case 'F':
        stack.push(Number(line()));
        break;
      case 'J':
        stack.push(view.getInt32(take(4), true));
        break;
      case 'K':
        stack.push(u1());
        break;
      case 'M':
        stack.push(view.getUint16(take(2), true));
        break;
      case '\x8a':
        stack.push(longOf(part(u1())));
        break;
      case '\x8b':
        stack.push(longOf(part(u4())));
        break;
      case 'G':
        stack.push(view.getFloat64(take(8), false));
        break;
      // bytes of Python 2, which are texts as well as data
      case 'T':
      case 'B':
        stack.push(part(u4()));
        break;
      case 'U':
      case 'C':
        stack.push(part(u1()));
        break;
      case '\x8e':
      case '\x96':
        stack.push(part(u8()));
        break;
      case 'S':
        stack.push(line().slice(1, -1));
        break;
      case 'V':
        stack.push(
          line().replaceAll(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
        );
        break;
      case 'X':
        stack.push(utf8(part(u4())));
        break;
      case '\x8c':
        stack.push(utf8(part(u1())));
        break;
      case '\x8d':
        stack.push(utf8(part(u8())));
        break;
      case ']':
        stack.push([]);
        break;
      case 'l':
        stack.push(popToMark());
        break;
      case 'a': {
        const item = pop();
        append(top(), [item]);
        break;
      }
      case 'e': {
        const items = popToMark();
        append(top(), items);
        break;
      }
      case ')':
        stack.push([]);
        break;
      case 't':
        stack.push(popToMark());
        break;
      case '\x85':
      case '\x86':
      case '\x87':
        stack.push(popCount(op.charCodeAt(0) - 0x84));
        break;
      case '}':
        stack.push(new Map());
        break;
      case 'd': {
        const map = new Map<string, PickleValue>();
        setItems(map, popToMark());
        stack.push(map);
        break;
      }
      case 's': {
        const items = popCount(2);
        setItems(top(), items);
        break;
      }
      case 'u': {
        const items = popToMark();
        setItems(top(), items);
        break;
      }
      case 'p':
        remember(Number(decimal(line())));
        break;
      case 'q':
        remember(u1());
        break;
      case 'r':
        remember(u4());
        break;
      case '\x94':
        remember(memo.length);
        break;
      case 'g':
        stack.push(remembered(Number(decimal(line()))));
        break;
      case 'h':
        stack.push(remembered(u1()));
        break;
      case 'j':
        stack.push(remembered(u4()));
        break;
      case 'c':
        stack.push(global(line(), line()));
        break;
      case '\x93': {
        const [module, name] = popCount(2);
        stack.push(global(keyOf(module), keyOf(name)));
        break;
      }
      case 'i':
        popToMark();
        stack.push(global(line(), line()));
        break;
      case 'R': {
        const [called, args] = popCount(2);
        stack.push(guarded(() => callName(called!, args!)));
        break;
      }
      case 'b': {
        const state = pop();
        guarded(() => setState(top(), state));
        break;
      }
      case 'o':
      case 'P':
      case 'Q':
      case '\x81':
      case '\x82':
      case '\x83':
      case '\x84':
      case '\x92':
        refuse('it is a pickle that makes objects, which are not read: save the numbers as .npy or .npz instead.');
        break;
      default:
        damaged(`the step ${op.charCodeAt(0)} is not known`);
    }
  }
}
