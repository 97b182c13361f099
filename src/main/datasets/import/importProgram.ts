import { toWire } from '../../../core/errors.ts';
import { asStorageError } from '../../storage/storageErrors.ts';
import { importRequestSchema, type ImportReply } from './importMessages.ts';
import { runImport } from './runImport.ts';

// The program of the import process: it is told one thing to do, does it, answers and ends.
const send = (reply: ImportReply): void => {
  if (process.connected) process.send?.(reply, undefined, undefined, () => {});
};

// nobody is left to whom the result would matter
process.on('disconnect', () => process.exit(1));
process.once('message', (message) => {
  void (async () => {
    try {
      const request = importRequestSchema.parse(message);
      try {
        send(
          await runImport(request, performance.now.bind(performance), (progress) =>
            send({ kind: 'progress', progress }),
          ),
        );
      } catch (error) {
        throw asStorageError(error, request.tempDir);
      }
    } catch (error) {
      send({ kind: 'failed', error: toWire(error) });
    }
  })();
});
