import { modelReplySchema, type ModelReply, type ModelTask } from '../../core/contract/modelTasks.ts';
import { fromWire } from '../../core/errors.ts';
import { askProcess } from '../process/askProcess.ts';
import type { LaunchWorker } from '../process/workerProcess.ts';

type Answer<Kind extends ModelReply['kind']> = Extract<ModelReply, { kind: Kind }>;

/** Does things with trained models, each in a process of its own. */
export interface ModelProcess {
  evaluate(task: Omit<Extract<ModelTask, { kind: 'evaluate' }>, 'kind'>): Promise<Answer<'evaluated'>>;
  predict(task: Omit<Extract<ModelTask, { kind: 'predict' }>, 'kind'>): Promise<Answer<'predicted'>>;
  answer(task: Omit<Extract<ModelTask, { kind: 'answer' }>, 'kind'>): Promise<Answer<'answered'>>;
  histograms(task: Omit<Extract<ModelTask, { kind: 'histograms' }>, 'kind'>): Promise<Answer<'counted'>>;
  export(task: Omit<Extract<ModelTask, { kind: 'export' }>, 'kind'>): Promise<Answer<'exported'>>;
}

export function createModelProcess(launch: LaunchWorker): ModelProcess {
  async function ask<Kind extends ModelReply['kind']>(task: ModelTask, kind: Kind): Promise<Answer<Kind>> {
    const reply = await askProcess(launch, task, {
      replies: modelReplySchema,
      name: 'process of the trained model',
      onCrash: '. The run and its checkpoints are untouched. The model may need more memory than there is.',
    });
    if (reply.kind === 'failed') throw fromWire(reply.error);
    if (reply.kind !== kind) throw new Error('the process of the trained model answered another question');
    return reply as Answer<Kind>;
  }
  return {
    evaluate: (task) => ask({ kind: 'evaluate', ...task }, 'evaluated'),
    predict: (task) => ask({ kind: 'predict', ...task }, 'predicted'),
    answer: (task) => ask({ kind: 'answer', ...task }, 'answered'),
    histograms: (task) => ask({ kind: 'histograms', ...task }, 'counted'),
    export: (task) => ask({ kind: 'export', ...task }, 'exported'),
  };
}
