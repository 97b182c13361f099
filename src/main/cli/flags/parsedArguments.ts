export type FlagValue = string | number | boolean | number[] | string[];

/** The flags and positionals of one call, already of the kind their specs say. */
export class ParsedArguments {
  readonly values: ReadonlyMap<string, FlagValue>;
  readonly positionals: readonly string[];

  constructor(values: ReadonlyMap<string, FlagValue>, positionals: readonly string[]) {
    this.values = values;
    this.positionals = positionals;
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  text(name: string): string | undefined {
    const value = this.values.get(name);
    return value === undefined ? undefined : String(value);
  }

  number(name: string): number | undefined {
    const value = this.values.get(name);
    return typeof value === 'number' ? value : undefined;
  }

  numbers(name: string): number[] | undefined {
    const value = this.values.get(name);
    return Array.isArray(value) ? value.map(Number) : undefined;
  }

  texts(name: string): string[] {
    const value = this.values.get(name);
    return Array.isArray(value) ? value.map(String) : [];
  }

  isOn(name: string): boolean {
    return this.values.get(name) === true;
  }

  /** A required positional; the parser has seen that it is there. */
  positional(index: number): string {
    return this.positionals[index] ?? '';
  }
}
