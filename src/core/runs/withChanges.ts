type Json = { [key: string]: unknown };

/** A copy of a plain object with values put at dotted paths; undefined takes a key out. Objects on the way are made. */
export function withChanges(object: object, changes: Readonly<Record<string, unknown>>): Json {
  const copy = structuredClone(object) as Json;
  for (const [path, value] of Object.entries(changes)) setAt(copy, path.split('.'), value);
  return copy;
}

function setAt(target: Json, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length > 0) {
    const inner = target[key];
    const next: Json = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as Json) : {};
    target[key] = next;
    setAt(next, rest, value);
  } else if (value === undefined) {
    delete target[key];
  } else {
    target[key] = value;
  }
}
