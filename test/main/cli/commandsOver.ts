import { expect } from 'vitest';
import { runCommand, type CommandResult } from './runCommand.ts';

/** Commands over one data folder; `json` expects them to end well. The folder is asked for when a command starts. */
export function commandsOver(dataDir: () => string) {
  const call = (...args: string[]): Promise<CommandResult> => runCommand([...args, '--data-dir', dataDir()]);
  return {
    call,
    async json<Value>(...args: string[]): Promise<Value> {
      const { code, stdout, stderr } = await call(...args, '--json');
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout) as Value;
    },
  };
}
