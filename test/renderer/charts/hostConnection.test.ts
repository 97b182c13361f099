import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import type { WorkbenchClient } from '../../../src/core/contract/workbench.ts';
import { keepConnected, type ConnectionState } from '../../../src/renderer/stores/hostConnection.ts';

/** Hosts that come and go, and a clock that is moved by hand. */
function createWorld() {
  let isUp = true;
  let nowMs = 0;
  let timers: { atMs: number; callback: () => void }[] = [];
  const closers = new Set<() => void>();
  const listeners = new Set<(payload: never) => void>();
  const states: ConnectionState['kind'][] = [];
  const connection = keepConnected({
    nowMs: () => nowMs,
    later(callback, delayMs) {
      const timer = { atMs: nowMs + delayMs, callback };
      timers.push(timer);
      return () => (timers = timers.filter((other) => other !== timer));
    },
    lost: () => new AppError('disconnected', 'gone'),
    async open() {
      if (!isUp) throw new AppError('disconnected', 'nobody answers');
      const own = new Set<(payload: never) => void>();
      closers.add(() => own.forEach((listener) => listeners.delete(listener)));
      const client = {
        application: { diskUse: async () => ({ databaseBytes: 1 }) },
        on(_name: string, listener: (payload: never) => void) {
          own.add(listener);
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
      } as unknown as WorkbenchClient;
      return {
        client,
        onClose(listener) {
          closers.add(listener);
          return () => void closers.delete(listener);
        },
      };
    },
  });
  connection.watch(({ kind }) => states.push(kind));
  return {
    connection,
    states,
    listeners,
    emit: (payload: unknown) => listeners.forEach((listener) => listener(payload as never)),
    goDown() {
      isUp = false;
      const closing = [...closers];
      closers.clear();
      closing.forEach((close) => close());
    },
    comeBack: () => (isUp = true),
    async pass(ms: number): Promise<void> {
      nowMs += ms;
      const due = timers.filter(({ atMs }) => atMs <= nowMs);
      timers = timers.filter(({ atMs }) => atMs > nowMs);
      due.forEach(({ callback }) => callback());
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  };
}

describe('the connection of the page', () => {
  test('calls made before it stands are answered once it does', async () => {
    const { connection } = createWorld();
    expect(await connection.client.application.diskUse({})).toEqual({ databaseBytes: 1 });
  });

  test('listeners outlive a lost connection and hear each event once', async () => {
    const world = createWorld();
    const heard: unknown[] = [];
    world.connection.client.on('runRemoved', (payload) => heard.push(payload));
    await world.pass(0);
    world.emit({ runId: 'a' });
    world.goDown();
    await world.pass(0);
    world.comeBack();
    await world.pass(600);
    world.emit({ runId: 'b' });
    expect(heard).toEqual([{ runId: 'a' }, { runId: 'b' }]);
    expect(world.states).toEqual(['connecting', 'connected', 'lost', 'connecting', 'connected']);
  });

  test('a listener added after the connection stands hears events, and none after it was removed', async () => {
    const world = createWorld();
    await world.pass(0);
    const heard: unknown[] = [];
    const stop = world.connection.client.on('runRemoved', (payload) => heard.push(payload));
    await world.pass(0);
    world.emit(1);
    stop();
    world.emit(2);
    expect(heard).toEqual([1]);
    expect(world.listeners.size).toBe(0);
  });

  test('while nobody answers it is tried with growing pauses, and at once when the user asks', async () => {
    const world = createWorld();
    await world.pass(0);
    world.goDown();
    await world.pass(500);
    await world.pass(500);
    expect(world.states.filter((state) => state === 'connecting')).toHaveLength(2);
    await world.pass(500);
    expect(world.states.filter((state) => state === 'connecting')).toHaveLength(3);
    world.comeBack();
    world.connection.retry();
    await world.pass(0);
    expect(world.states.at(-1)).toBe('connected');
  });
});
