import path from 'node:path';
import type { ImportProgress } from '../../../core/contract/datasetImport.ts';
import type { ImportReply, ImportRequest } from './importMessages.ts';
import type { ImportContext } from './importSource.ts';
import { recognize } from './recognize.ts';

const progressIntervalMs = 100;

/** Seconds left at the present pace; null while too little is done to tell. */
function etaSeconds(elapsedMs: number, share: number): number | null {
  return share < 0.01 || elapsedMs < 500 ? null : ((elapsedMs / share) * (1 - share)) / 1_000;
}

function progressReporter(
  nowMs: () => number,
  report: (progress: ImportProgress) => void,
): ImportContext['onProgress'] {
  let stage = '';
  let startMs = nowMs();
  let lastMs = -Infinity;
  return (nextStage, share, rows) => {
    const now = nowMs();
    if (nextStage !== stage) {
      stage = nextStage;
      startMs = now;
    } else if (now - lastMs < progressIntervalMs) return;
    lastMs = now;
    const done = Math.min(1, share);
    report({ stage, share: done, rows, etaSeconds: etaSeconds(now - startMs, done) });
  };
}

/** Does one request in this process. Failures are thrown. */
export async function runImport(
  request: ImportRequest,
  nowMs: () => number,
  onProgress: (progress: ImportProgress) => void,
): Promise<ImportReply> {
  const context: ImportContext = {
    tempDir: request.tempDir,
    datasetDir: path.join(request.tempDir, 'dataset'),
    onProgress: progressReporter(nowMs, onProgress),
  };
  const source = await recognize(request.choices, context);
  if (request.kind === 'inspect') {
    return { kind: 'inspected', inspection: await source.inspect(request.choices, context) };
  }
  const written = await source.write(request.choices, context);
  const { writer, warnings, choices } = written;
  try {
    const { meta, dir } = writer.finish(written.facts, {
      id: request.id,
      name: request.name,
      targetSize: written.targetSize,
      parts: written.parts,
      record: { format: source.format, files: source.files, choices, warnings },
    });
    return { kind: 'imported', meta, dir, warnings };
  } finally {
    writer.close();
  }
}
