import { createRequire } from 'node:module';

type Util = Record<string, unknown>;

/** Functions that Node 23 took out of its module util and that tfjs-node 4.22 still calls, in some hundred kernels. */
const missing: Readonly<Record<string, (value: unknown) => boolean>> = {
  isNullOrUndefined: (value) => value === null || value === undefined,
  isArray: (value) => Array.isArray(value),
};

/**
 * Puts them back where they are missing, in the object that CommonJS modules get; to be called before tfjs-node is
 * loaded. Those that are there stay.
 */
export function repairUtil(util: Util = createRequire(import.meta.url)('node:util') as Util): void {
  for (const [name, implementation] of Object.entries(missing)) util[name] ??= implementation;
}
