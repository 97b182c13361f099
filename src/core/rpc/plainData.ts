export interface PlainDataLimits {
  maxBytes: number;
  maxDepth: number;
}

const nodeBytes = 8;

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Why a value must not be read as a message, or null when it is plain JSON-like data within the limits. Every string
 * counts a byte per character, everything else 8 bytes. A value that contains itself is too deep.
 */
export function plainDataProblem(value: unknown, { maxBytes, maxDepth }: PlainDataLimits): string | null {
  const waiting: { value: unknown; depth: number }[] = [{ value, depth: 0 }];
  let bytes = 0;
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value: node, depth } = next;
    bytes += typeof node === 'string' ? node.length : nodeBytes;
    if (bytes > maxBytes) return `it holds more than ${maxBytes} bytes`;
    if (typeof node === 'function' || typeof node === 'symbol' || typeof node === 'bigint') {
      return `it holds a ${typeof node}`;
    }
    if (typeof node !== 'object' || node === null) continue;
    if (depth >= maxDepth) return `it is more than ${maxDepth} levels deep`;
    if (Array.isArray(node)) {
      bytes += node.length * nodeBytes;
      if (bytes > maxBytes) return `it holds more than ${maxBytes} bytes`;
      for (const item of node) waiting.push({ value: item, depth: depth + 1 });
      continue;
    }
    if (!isPlainObject(node)) return 'it holds an object that is not plain data';
    for (const [key, item] of Object.entries(node)) {
      bytes += key.length;
      waiting.push({ value: item, depth: depth + 1 });
    }
  }
  return null;
}
