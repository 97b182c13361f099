import { onScopeDispose, shallowRef, type ShallowRef } from 'vue';
import { inject, type InjectionKey } from 'vue';
import type { IconName } from '../theme/icons.ts';

/** Something the user can do from the command palette, by shortcut, or both. */
export interface Command {
  id: string;
  title: string;
  /** where it belongs: the name of a view */
  group: string;
  icon?: IconName;
  /** `mod+k`, `g r` (one key after the other), `space`; mod is Ctrl, on a Mac Cmd */
  shortcut?: string;
  run(): void;
}

export interface CommandRegistry {
  commands: Readonly<ShallowRef<readonly Command[]>>;
  add(commands: readonly Command[]): () => void;
}

export const commandsKey: InjectionKey<CommandRegistry> = Symbol('commands');

export function createCommandRegistry(): CommandRegistry {
  const commands = shallowRef<readonly Command[]>([]);
  return {
    commands,
    add(added) {
      commands.value = [...commands.value, ...added];
      return () => {
        commands.value = commands.value.filter((command) => !added.includes(command));
      };
    },
  };
}

export function useCommandRegistry(): CommandRegistry {
  const registry = inject(commandsKey);
  if (!registry) throw new Error('useCommands needs the application to provide a registry');
  return registry;
}

/** Offers commands for as long as the calling component lives. */
export function useCommands(commands: readonly Command[]): void {
  onScopeDispose(useCommandRegistry().add(commands));
}
