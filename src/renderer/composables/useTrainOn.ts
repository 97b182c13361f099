import { useRouter } from 'vue-router';
import { useNewRunStore } from '../stores/newRun.ts';

/** Opens the form of a new run with a dataset chosen. */
export function useTrainOn(): (datasetId: string) => Promise<void> {
  const newRun = useNewRunStore();
  const router = useRouter();
  return async (id) => {
    newRun.change({ dataset: { id } });
    await router.push('/new');
  };
}
