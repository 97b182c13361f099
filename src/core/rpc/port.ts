import type { Unsubscribe } from '../contract/service.ts';

/** One end of a channel between two processes, whatever carries it. Messages are structured-cloneable data. */
export interface Port {
  /** Queues a message; one sent to an end that is gone is lost silently, `onClose` tells of it. */
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): Unsubscribe;
  /** Called once when the other end is gone. */
  onClose(listener: () => void): Unsubscribe;
  /** More lies in the channel than the other end takes away: what can be left out should be. */
  isCongested?(): boolean;
}

/** A port in the hands of the one who opened it. */
export interface OwnedPort extends Port {
  /** Ends the channel for both ends; also this end's `onClose` listeners are called. */
  close(): void;
}
