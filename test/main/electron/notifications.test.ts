import { expect, it } from 'vitest';
import type { Run } from '../../../src/core/contract/runs.ts';
import type { WorkbenchEvents } from '../../../src/core/contract/workbench.ts';
import type { App } from '../../../src/main/app.ts';
import { announceEnds, type Announcement } from '../../../src/main/electron/notifications.ts';
import { createEvents } from '../../../src/main/services/events.ts';

function watch(notifications = true) {
  const events = createEvents<WorkbenchEvents>(() => {});
  const told: Announcement[] = [];
  const app = {
    subscribe: events.subscribe,
    currentSettings: () => ({ notifications }),
  } as unknown as App;
  announceEnds(app, (announcement) => told.push(announcement));
  const becomes = (status: Run['status'], more: Partial<Run> = {}): void =>
    events.emit('runChanged', {
      id: 'a',
      name: 'first',
      status,
      step: 1_200,
      latest: {},
      failure: null,
      ...more,
    } as Run);
  return { told, becomes };
}

it('tells once of a run that completes, with its result', () => {
  const { told, becomes } = watch();
  becomes('running');
  becomes('completed', { latest: { testAccuracy: 0.98765 } });
  becomes('completed', { name: 'renamed' });
  expect(told).toEqual([{ title: 'Run completed', body: 'first: 1,200 steps, test accuracy 98.77 %', runId: 'a' }]);
});

it('tells why a run failed or was interrupted', () => {
  const { told, becomes } = watch();
  for (const status of ['failed', 'interrupted'] as const) {
    becomes('running');
    becomes(status, { failure: { code: 'outOfMemory', message: 'There is no memory left.' } });
  }
  expect(told.map(({ title, body }) => `${title}: ${body}`)).toEqual([
    'Run failed: first: There is no memory left.',
    'Run interrupted: first: There is no memory left.',
  ]);
});

it('says nothing of what the user did, of runs that did not train, or when it shall not', () => {
  const { told, becomes } = watch();
  becomes('running');
  becomes('stopped');
  becomes('queued');
  becomes('cancelled');
  becomes('completed');
  const silent = watch(false);
  silent.becomes('running');
  silent.becomes('completed');
  expect([...told, ...silent.told]).toEqual([]);
});
