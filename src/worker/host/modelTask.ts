import nodeModule from 'node:module';
import { modelTaskSchema, type ModelReply, type ModelTask } from '../../core/contract/modelTasks.ts';
import { AppError, toWire } from '../../core/errors.ts';
import { explainWriteFailure } from '../../core/explainWriteFailure.ts';
import { doModelTask } from '../inference/doModelTask.ts';
import { openTaskPort } from './port.ts';

// The program for trained models: it is asked one thing, answers, and waits to be ended.
// a program that is ended from outside keeps no compiled code by itself
nodeModule.flushCompileCache?.();
const port = openTaskPort<ModelReply>();
let isAsked = false;
port.onClose(() => process.exit(0));
port.onMessage((message) => {
  if (isAsked) return;
  isAsked = true;
  const task = modelTaskSchema.safeParse(message);
  const reply = task.success
    ? doModelTask(task.data)
    : Promise.reject(new AppError('malformedMessage', `The request was not understood: ${task.error.message}`));
  const place = task.success ? placeOf(task.data) : '';
  reply.then(port.send, (error: unknown) =>
    port.send({ kind: 'failed', error: toWire(explainWriteFailure(error, place)) }),
  );
});

function placeOf(task: ModelTask): string {
  if (task.kind === 'predict') return task.file;
  if (task.kind === 'export') return task.dir;
  return task.kind === 'histograms' ? (task.checkpointPaths[0] ?? '') : task.model.checkpointPath;
}
