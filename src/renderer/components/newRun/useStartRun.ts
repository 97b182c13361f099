import { toRaw } from 'vue';
import { useRouter } from 'vue-router';
import type { Run } from '../../../core/contract/runs.ts';
import { sampleRunConfig } from '../../../core/runs/sampleRun.ts';
import { useClient } from '../../composables/useClient.ts';
import { useNewRunStore } from '../../stores/newRun.ts';
import { useNotificationsStore } from '../../stores/notifications.ts';
import { useRunsStore } from '../../stores/runs.ts';
import { useText } from '../../text/useText.ts';

export interface StartRun {
  /** Creates the runs of the form at the head of the queue and shows the first. */
  start(): Promise<void>;
  /** Creates the runs of the form at the end of the queue and stays. */
  enqueue(): Promise<void>;
}

/** Turns the form into runs. Failures are shown, and the form stays as it is. */
export function useStartRun(): StartRun {
  const client = useClient();
  const form = useNewRunStore();
  const runs = useRunsStore();
  const notifications = useNotificationsStore();
  const router = useRouter();
  const text = useText().newRun;

  async function create(): Promise<Run[]> {
    const { config, seeds, branch } = form;
    if (!config || !seeds.ok) return [];
    const name = form.name.trim();
    if (branch) {
      const run = await client.runs.branch({
        runId: branch.runId,
        step: branch.step,
        config: toRaw(config),
        ...(name ? { name } : {}),
      });
      runs.accept(run);
      return [run];
    }
    const created: Run[] = [];
    for (const seed of seeds.seeds) {
      const run = await client.runs.create({
        config: { ...toRaw(config), seed },
        tags: [...form.tags],
        note: form.note,
        ...(name ? { name: seeds.seeds.length > 1 ? `${name} seed ${seed}` : name } : {}),
      });
      runs.accept(run);
      created.push(run);
    }
    return created;
  }

  return {
    async start() {
      const created = await notifications.attempt(create, text.notStarted);
      const first = created?.[0];
      if (!first) return;
      // the first seed is to train first, so it is the last to be moved to the head
      for (const run of created.toReversed()) {
        await client.runs.reorder({ runId: run.id, position: 0 }).catch(() => {
          // it has left the queue already: it trains
        });
      }
      await router.push(`/runs/${first.id}`);
    },
    async enqueue() {
      const created = await notifications.attempt(create, text.notStarted);
      if (!created || created.length === 0) return;
      notifications.show({
        kind: 'success',
        title: text.queued(created.length),
        text: created[0]!.name,
        runId: created[0]!.id,
      });
    },
  };
}

/** Starts the sample run and shows it. */
export function useSampleRun(): () => Promise<void> {
  const client = useClient();
  const runs = useRunsStore();
  const notifications = useNotificationsStore();
  const router = useRouter();
  const text = useText().newRun;
  return async () => {
    const run = await notifications.attempt(
      () => client.runs.create({ config: sampleRunConfig, tags: ['sample'] }),
      text.notStarted,
    );
    if (!run) return;
    runs.accept(run);
    await router.push(`/runs/${run.id}`);
  };
}
