import fs from 'node:fs';
import path from 'node:path';
import { initialValues } from '../../src/worker/models/initialize.ts';
import { batches, benchModels } from './models.ts';
import { startStepProcess, type StepProcess } from './stepProcess.ts';

const python = '/usr/bin/python3';
const howToInstall = 'apt-get install python3-torch libopenblas0-pthread';

/** Starts PyTorch on the same weights and batches, or returns undefined after saying how to install what is missing. */
export async function startTorch(folder: string, threads: number): Promise<StepProcess | undefined> {
  const script = path.join(import.meta.dirname, 'torchSteps.py');
  let torch: StepProcess;
  try {
    torch = await startStepProcess(python, [script, folder, String(threads)]);
  } catch (error) {
    console.log(`PyTorch did not start, so there are no ratios. On Debian: ${howToInstall}`);
    console.log(`  ${(error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1)}`);
    return undefined;
  }
  const blas = torch.ready.blas ?? [];
  const fast = blas.some((library) => library.includes('openblas-pthread') || library.includes('mkl'));
  console.log(`${torch.ready.ready}, ${torch.ready.threads} threads, BLAS: ${blas.join(', ') || 'not found'}`);
  if (!fast) console.log(`WARNING: this is not OpenBLAS with threads; the ratios are worth nothing. ${howToInstall}`);
  return torch;
}

/** Writes what torchSteps.py reads: models.json, and one little-endian file per variable and batch. */
export function writeModelFiles(folder: string): void {
  const description: Record<string, unknown> = {};
  for (const [id, model] of Object.entries(benchModels)) {
    const { plan, batchSize } = model;
    const variables = plan.variables.map((variable, index) => {
      const file = `${id}.${index}.bin`;
      fs.writeFileSync(path.join(folder, file), initialValues(variable, 42));
      return { ...variable, file };
    });
    const data = batches(model);
    for (const [index, { x, labels }] of data.entries()) {
      fs.writeFileSync(path.join(folder, `${id}.x${index}.bin`), x);
      fs.writeFileSync(path.join(folder, `${id}.y${index}.bin`), labels);
    }
    const { inputShape, layers } = plan;
    description[id] = { layers, variables, batchSize, inputShape, batches: data.length };
  }
  fs.writeFileSync(path.join(folder, 'models.json'), JSON.stringify(description));
}
