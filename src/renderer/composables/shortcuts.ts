import type { Unsubscribe } from '../../core/contract/service.ts';
import type { CommandRegistry } from './useCommands.ts';

const sequenceTimeoutMs = 1_200;
const isMac = (platform: string): boolean => /mac|iphone|ipad/i.test(platform);

/** One key press as shortcuts are written: `mod+k`, `shift+?`, `g`. */
export function pressedKey(event: KeyboardEvent, platform: string): string {
  const mod = isMac(platform) ? event.metaKey : event.ctrlKey;
  const key = event.key === ' ' ? 'space' : event.key.toLowerCase();
  const parts = [mod && 'mod', event.altKey && 'alt', event.shiftKey && key.length > 1 && 'shift', key];
  return parts.filter(Boolean).join('+');
}

/** A shortcut as this system's users know it: `⌘K` or `Ctrl K`. */
export function shortcutLabel(shortcut: string, platform: string): string {
  const names: Readonly<Record<string, string>> = isMac(platform)
    ? { mod: '⌘', shift: '⇧', alt: '⌥', space: 'Space' }
    : { mod: 'Ctrl', shift: 'Shift', alt: 'Alt', space: 'Space' };
  return shortcut
    .split(/[ +]/)
    .map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part[0]!.toUpperCase() + part.slice(1)))
    .join(' ');
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));
}

/** Runs commands by their shortcuts. While the user types in a field only those with Ctrl or Cmd are heard. */
export function listenForShortcuts(registry: CommandRegistry, target: Window, nowMs: () => number): Unsubscribe {
  let prefix = '';
  let prefixAtMs = 0;
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    const key = pressedKey(event, target.navigator.platform);
    if (isTyping(event.target) && !key.startsWith('mod+')) return;
    if (
      event.target instanceof HTMLElement &&
      (key === 'space' || key === 'enter') &&
      event.target.matches('button, a, [role]')
    )
      return;
    const sequence = prefix !== '' && nowMs() - prefixAtMs < sequenceTimeoutMs ? `${prefix} ${key}` : key;
    const commands = registry.commands.value;
    // the command added last belongs to the view in front
    const command = commands.findLast((candidate) => candidate.shortcut === sequence);
    prefix = commands.some((candidate) => candidate.shortcut?.startsWith(`${key} `)) ? key : '';
    prefixAtMs = nowMs();
    if (!command) return;
    prefix = '';
    event.preventDefault();
    command.run();
  };
  target.addEventListener('keydown', onKey);
  return () => target.removeEventListener('keydown', onKey);
}
