import path from 'node:path';
import type { ImportProgress } from '../../../core/contract/datasetImport.ts';
import { exportDataset } from '../export/exportDataset.ts';
import type { ImportReply, ImportRequest } from './importMessages.ts';
import type { FoundFiles } from './files/importFile.ts';
import { findFiles } from './files/findFiles.ts';
import type { ImportContext, ImportSource } from './importSource.ts';
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
  const onStage = progressReporter(nowMs, onProgress);
  if (request.kind === 'export') {
    const written = await exportDataset(request, (share, rows) => onStage('writing', share, rows));
    return { kind: 'exported', ...written };
  }
  const context: ImportContext = {
    tempDir: request.tempDir,
    datasetDir: path.join(request.tempDir, 'dataset'),
    canLink: request.areTemporary !== true,
    onProgress: onStage,
  };
  const found = await findFiles(request.choices.paths, request.tempDir, (share) => onStage('unpacking', share, 0));
  try {
    return await useSource(await recognize(found, request.choices, context), found, request, context);
  } finally {
    await found.close();
  }
}

async function useSource(
  source: ImportSource,
  found: FoundFiles,
  request: Exclude<ImportRequest, { kind: 'export' }>,
  context: ImportContext,
): Promise<ImportReply> {
  const format = [source.format, ...new Set(found.containers)].join(', ');
  if (request.kind === 'inspect') {
    const inspection = await source.inspect(request.choices, context);
    await found.checkUnchanged();
    const warnings = [...found.warnings, ...inspection.warnings];
    return { kind: 'inspected', inspection: { ...inspection, format, warnings } };
  }
  const written = await source.write(request.choices, context);
  const { writer, choices } = written;
  const warnings = [...found.warnings, ...written.warnings];
  try {
    await found.checkUnchanged();
    const { meta, dir } = writer.finish(written.facts, {
      id: request.id,
      name: request.name,
      targetSize: written.targetSize,
      parts: written.parts,
      record: { format, files: source.files, choices, warnings, columns: written.columns ?? [] },
    });
    return { kind: 'imported', meta, dir, warnings };
  } finally {
    writer.close();
  }
}
