import { describe, expect, it } from 'vitest';
import { workbenchEvents, type WorkbenchEvents, type WorkbenchServices } from '../../../src/core/contract/workbench.ts';
import { createClient } from '../../../src/core/rpc/createClient.ts';
import { createEvents } from '../../../src/main/services/events.ts';
import { serveWorkbench } from '../../../src/main/rpc/serveWorkbench.ts';
import { createMemoryPorts } from '../../contract/memoryPorts.ts';

/** Services of which only the settings answer, and slowly, with what they hold now. */
function createHost() {
  const events = createEvents<WorkbenchEvents>((error) => {
    throw error;
  });
  let subscriptions = 0;
  const gate = Promise.withResolvers<void>();
  const services = {
    settings: { get: () => gate.promise.then(() => ({ theme: 'dark' })), change: async () => () => {} },
  } as unknown as WorkbenchServices;
  const subscribe: typeof events.subscribe = (name, listener) => {
    subscriptions++;
    const undo = events.subscribe(name, listener);
    return () => {
      subscriptions--;
      undo();
    };
  };
  return { services, subscribe, emit: events.emit, answer: gate.resolve, subscriptions: () => subscriptions };
}

const nextTurns = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe('a served connection', () => {
  it('gives back every subscription when the port closes', () => {
    const host = createHost();
    const [, theirs] = createMemoryPorts();
    serveWorkbench(theirs, host.services, host.subscribe);
    expect(host.subscriptions()).toBeGreaterThanOrEqual(Object.keys(workbenchEvents).length);
    theirs.close();
    expect(host.subscriptions()).toBe(0);
  });

  it('two clients hear the same events and end apart', async () => {
    const host = createHost();
    const heard: string[] = [];
    const ports = ['first', 'second'].map((name) => {
      const [ours, theirs] = createMemoryPorts();
      serveWorkbench(theirs, host.services, host.subscribe);
      const client = createClient(ours, { onError: () => {} });
      client.on('runRemoved', ({ runId }) => heard.push(`${name} ${runId}`));
      return ours;
    });
    host.emit('runRemoved', { runId: 'a' });
    await nextTurns();
    ports[0]!.close();
    host.emit('runRemoved', { runId: 'b' });
    await nextTurns();
    expect(heard).toEqual(['first a', 'second a', 'second b']);
  });

  it('a client never has more calls under way than the host takes, however many are made', async () => {
    const host = createHost();
    const [ours, theirs] = createMemoryPorts();
    let arrived = 0;
    theirs.onMessage(() => arrived++);
    serveWorkbench(theirs, host.services, host.subscribe);
    const client = createClient(ours, { onError: () => {} });
    const calls = Array.from({ length: 200 }, () => client.settings.get({}));
    await nextTurns();
    expect(arrived).toBe(32);
    host.answer();
    expect(await Promise.all(calls)).toHaveLength(200);
  });

  it('an answer that cannot cross the port becomes a failure, not a silence', async () => {
    const host = createHost();
    const [ours, theirs] = createMemoryPorts();
    serveWorkbench(theirs, host.services, host.subscribe);
    const client = createClient(ours, { onError: () => {} });
    await expect(client.settings.change({})).rejects.toMatchObject({ code: 'internal' });
  });
});
