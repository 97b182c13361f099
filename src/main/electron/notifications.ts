import { activeStatuses, type Run } from '../../core/contract/runs.ts';
import type { Unsubscribe } from '../../core/contract/service.ts';
import type { App } from '../app.ts';

export interface Announcement {
  title: string;
  body: string;
  runId: string;
}

const titles: Partial<Record<Run['status'], string>> = {
  completed: 'Run completed',
  failed: 'Run failed',
  interrupted: 'Run interrupted',
};

/**
 * Tells once when a run that was training ends by itself, well or badly. What the user did, such as stopping it, is no
 * news to them.
 */
export function announceEnds(
  app: Pick<App, 'subscribe' | 'currentSettings'>,
  announce: (announcement: Announcement) => void,
): Unsubscribe {
  const training = new Set<string>();
  return app.subscribe('runChanged', (run) => {
    if (activeStatuses.includes(run.status)) {
      training.add(run.id);
      return;
    }
    const title = titles[run.status];
    if (!training.delete(run.id) || !title || !app.currentSettings().notifications) return;
    announce({ title, body: sentence(run), runId: run.id });
  });
}

function sentence(run: Run): string {
  if (run.failure) return `${run.name}: ${run.failure.message}`;
  const accuracy = run.latest['testAccuracy'];
  const result = typeof accuracy === 'number' ? `, test accuracy ${(100 * accuracy).toFixed(2)} %` : '';
  return `${run.name}: ${run.step.toLocaleString('en')} steps${result}`;
}
