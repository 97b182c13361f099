import type { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import type { LaunchWorker } from './workerProcess.ts';

export interface AskOptions<Reply> {
  /** what the program may say */
  replies: z.ZodType<Reply>;
  /** how the program is called in sentences: "import process" */
  name: string;
  /** how the sentence goes on that says that it ended without an answer: "; nothing was kept." */
  onCrash: string;
  /** ends it at once when aborted */
  signal?: AbortSignal | undefined;
  /** what is thrown when the signal was aborted */
  cancelled?: (() => AppError) | undefined;
  /** true for a message that is on the way to the answer and was taken care of */
  isInterim?: (reply: Reply) => boolean;
}

/**
 * Has a process of its own do one request, and waits until it is gone. Throws `cancelled`, `malformedMessage` or
 * `workerCrashed`.
 */
export function askProcess<Reply>(
  launch: LaunchWorker,
  request: unknown,
  { replies, name, onCrash, signal, cancelled, isInterim = () => false }: AskOptions<Reply>,
): Promise<Reply> {
  const stopped = cancelled ?? (() => new AppError('cancelled', `The ${name} was cancelled.`));
  if (signal?.aborted) return Promise.reject(stopped());
  const child = launch();
  return new Promise((resolve, reject) => {
    let outcome: (() => void) | undefined;
    const end = (how: () => void): void => {
      outcome ??= how;
      child.kill();
    };
    const abort = (): void => end(() => reject(stopped()));
    signal?.addEventListener('abort', abort, { once: true });
    child.onMessage((message) => {
      if (outcome) return;
      const reply = replies.safeParse(message);
      if (!reply.success) {
        return end(() =>
          reject(new AppError('malformedMessage', `The ${name} said something unknown: ${reply.error.message}`)),
        );
      }
      if (!isInterim(reply.data)) end(() => resolve(reply.data));
    });
    child.onExit(({ startError, lastLines, code, signal: killedBy }) => {
      signal?.removeEventListener('abort', abort);
      if (outcome) return outcome();
      const said = startError?.message ?? lastLines.at(-1) ?? `exit code ${code ?? killedBy ?? 'unknown'}`;
      reject(
        new AppError('workerCrashed', `The ${name} ended before it was done (${said})${onCrash}`, {
          details: { lastLines },
        }),
      );
    });
    child.send(request);
  });
}
