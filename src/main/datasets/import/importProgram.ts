import nodeModule from 'node:module';
import { toWire } from '../../../core/errors.ts';
import { asStorageError } from '../../storage/storageErrors.ts';
import { openImportPort } from './importPort.ts';
import { runImport } from './runImport.ts';

// The program of the import process: it is told one thing to do, does it, answers, and is ended.
// a program that is ended from outside keeps no compiled code by itself
nodeModule.flushCompileCache?.();
const port = openImportPort();
try {
  const request = await port.request();
  try {
    const reply = await runImport(request, performance.now.bind(performance), (progress) =>
      port.send({ kind: 'progress', progress }),
    );
    port.send(reply);
  } catch (error) {
    throw asStorageError(error, request.kind === 'export' ? request.path : request.tempDir);
  }
} catch (error) {
  port.send({ kind: 'failed', error: toWire(error) });
}
