import type { Unsubscribe } from '../../core/contract/service.ts';
import type { Port } from '../../core/rpc/port.ts';

/** How a process ended. */
export interface ProcessExit {
  code: number | null;
  signal: string | null;
  /** why it never ran, if it did not */
  startError: Error | null;
  /** the last lines it wrote to stderr */
  lastLines: string[];
}

/** A running worker program, whatever kind of process hosts it. */
export interface WorkerProcess extends Port {
  /** undefined when it could not be started */
  pid: number | undefined;
  /** Ends it at once, without asking. */
  kill(): void;
  /** Called once, after all messages were delivered. A listener that comes late is called too. */
  onExit(listener: (exit: ProcessExit) => void): Unsubscribe;
}

/** The device may decide in which kind of process its worker has to live; other programs than a worker have none. */
export type LaunchWorker = (deviceId?: string) => WorkerProcess;
