import { describe, expect, it } from 'vitest';
import type { Run } from '../../../src/core/contract/runs.ts';
import type { Settings } from '../../../src/core/contract/settings.ts';
import type { App } from '../../../src/main/app.ts';
import { createQuitting, type Quitting } from '../../../src/main/electron/quitting.ts';

interface Scene {
  quitting: Quitting;
  /** what happened, in order */
  events: string[];
  /** answers the question that stands */
  answer: (isWanted: boolean, remember?: boolean) => void;
}

function stage(options: { training: number; quitWhileTraining: Settings['quitWhileTraining'] }): Scene {
  const events: string[] = [];
  let question = Promise.withResolvers<{ isWanted: boolean; remember: boolean }>();
  const workbench = {
    runs: { list: async () => Array.from({ length: options.training }, () => ({}) as Run) },
    settings: {
      change: async ({ quitWhileTraining }: Partial<Settings>) => events.push(`remember ${quitWhileTraining}`),
    },
    currentSettings: () => ({ quitWhileTraining: options.quitWhileTraining }),
    close: async () => void events.push('close'),
  } as unknown as App;
  const quitting = createQuitting({
    workbench,
    ask: (training) => {
      events.push(`ask about ${training}`);
      question = Promise.withResolvers();
      return question.promise;
    },
    onPausing: () => events.push('pausing'),
    leave: () => events.push('leave'),
  });
  return { quitting, events, answer: (isWanted, remember = false) => question.resolve({ isWanted, remember }) };
}

const settle = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 5));

describe('leaving the program', () => {
  it('asks nothing while nothing trains', async () => {
    const { quitting, events } = stage({ training: 0, quitWhileTraining: 'ask' });
    await quitting.begin(true);
    expect(events).toEqual(['close', 'leave']);
    expect(quitting.isDone()).toBe(true);
  });

  it('asks once while runs train, however often it is wanted, then pauses them', async () => {
    const { quitting, events, answer } = stage({ training: 2, quitWhileTraining: 'ask' });
    const first = quitting.begin(true);
    await settle();
    await quitting.begin(true);
    answer(true);
    await first;
    expect(events).toEqual(['ask about 2', 'pausing', 'close', 'leave']);
  });

  it('stays when the user wants to stay, and asks again the next time', async () => {
    const { quitting, events, answer } = stage({ training: 1, quitWhileTraining: 'ask' });
    for (let time = 0; time < 2; time++) {
      const asked = quitting.begin(true);
      await settle();
      answer(false, true);
      await asked;
    }
    expect(events).toEqual(['ask about 1', 'ask about 1']);
    expect(quitting.isDone()).toBe(false);
  });

  it('remembers what it shall not ask again, and does not ask who said so', async () => {
    const asking = stage({ training: 1, quitWhileTraining: 'ask' });
    const leaving = asking.quitting.begin(true);
    await settle();
    asking.answer(true, true);
    await leaving;
    expect(asking.events).toEqual(['ask about 1', 'remember pause', 'pausing', 'close', 'leave']);

    const silent = stage({ training: 1, quitWhileTraining: 'pause' });
    await silent.quitting.begin(true);
    expect(silent.events).toEqual(['pausing', 'close', 'leave']);
  });

  it('a request of the system passes over a question that stands', async () => {
    const { quitting, events, answer } = stage({ training: 1, quitWhileTraining: 'ask' });
    const asked = quitting.begin(true);
    await settle();
    await quitting.begin(false);
    answer(false);
    await asked;
    expect(events).toEqual(['ask about 1', 'pausing', 'close', 'leave']);
  });
});
