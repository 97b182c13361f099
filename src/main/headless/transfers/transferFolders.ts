import { mkdir, readdir, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../core/errors.ts';
import { asStorageError } from '../../storage/storageErrors.ts';

export interface TransferLimits {
  /** of all files of one transfer */
  maxBytes: number;
  maxFiles: number;
  /** transfers at a time */
  maxOpen: number;
  /** a page that shows a transfer asks for it now and then; after this long without a word it is given up */
  idleMs: number;
  /** stays free on the disk, so that runs can go on writing */
  reserveBytes: number;
}

export const transferLimits: TransferLimits = {
  maxBytes: 200e9,
  maxFiles: 2_000_000,
  maxOpen: 8,
  idleMs: 60 * 60_000,
  reserveBytes: 500e6,
};

/** A folder through which files go between a browser and the workbench. */
export interface Transfer {
  readonly id: string;
  readonly dir: string;
  bytes: number;
  files: number;
  /** the file that a piece may go on with: how the browser calls it, and where it lies */
  lastFile: { path: string; file: string } | null;
  /** files arrive or leave just now */
  isBusy: boolean;
  usedAtMs: number;
}

export interface TransferFolders {
  readonly limits: TransferLimits;
  /** Throws `notAllowed` when too many are open, and `diskFull`. */
  open(): Promise<Transfer>;
  /** Throws `notFound`. */
  find(id: string): Transfer;
  /** Throws `diskFull` when so much more would leave too little for everything else. */
  checkSpace(bytes: number): Promise<void>;
  remove(id: string): Promise<void>;
  /** Removes all that were given up. */
  removeIdle(): Promise<void>;
  close(): Promise<void>;
}

export interface TransferFoldersOptions {
  dir: string;
  limits: TransferLimits;
  /** an unguessable word of URL-safe characters */
  randomToken: () => string;
  nowMs: () => number;
}

const sweepIntervalMs = 60_000;

/** Opens the place for transfers; what an earlier host left there is removed. */
export async function openTransferFolders(options: TransferFoldersOptions): Promise<TransferFolders> {
  const { dir, limits, randomToken, nowMs } = options;
  const transfers = new Map<string, Transfer>();
  await rm(dir, { recursive: true, force: true });

  const remove = async (id: string): Promise<void> => {
    const transfer = transfers.get(id);
    if (!transfer) return;
    transfers.delete(id);
    // a file that is being written when its folder goes away may make it come back once
    await rm(transfer.dir, { recursive: true, force: true, maxRetries: 3 });
  };
  const removeIdle = async (): Promise<void> => {
    const idle = [...transfers.values()].filter(
      ({ isBusy, usedAtMs }) => !isBusy && nowMs() - usedAtMs > limits.idleMs,
    );
    for (const { id } of idle) await remove(id);
  };
  const timer = setInterval(() => void removeIdle().catch(() => undefined), sweepIntervalMs);
  timer.unref();

  return {
    limits,
    async open() {
      if (transfers.size >= limits.maxOpen) {
        throw new AppError(
          'notAllowed',
          `${transfers.size} uploads are open already: finish or close one of them in its page, then try again.`,
        );
      }
      const id = randomToken();
      const transfer: Transfer = {
        id,
        dir: path.join(dir, id),
        bytes: 0,
        files: 0,
        lastFile: null,
        isBusy: false,
        usedAtMs: nowMs(),
      };
      transfers.set(id, transfer);
      try {
        await mkdir(transfer.dir, { recursive: true, mode: 0o700 });
      } catch (error) {
        transfers.delete(id);
        throw asStorageError(error, dir);
      }
      return transfer;
    },
    find(id) {
      const transfer = transfers.get(id);
      if (!transfer) {
        throw new AppError('notFound', 'The uploaded files are no longer there: choose or drop them again.');
      }
      transfer.usedAtMs = nowMs();
      return transfer;
    },
    async checkSpace(bytes) {
      const { bavail, bsize } = await statfs(dir);
      if (bavail * bsize - bytes >= limits.reserveBytes) return;
      throw new AppError(
        'diskFull',
        `The disk that holds ${dir} has too little space for the upload: free some space there and try again.`,
        { details: { path: dir } },
      );
    },
    remove,
    removeIdle,
    async close() {
      clearInterval(timer);
      transfers.clear();
      await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Absolute paths of what lies directly in a transfer, in the order of their names. */
export async function topLevelPaths({ dir }: Transfer): Promise<string[]> {
  const names = await readdir(dir);
  return names.toSorted().map((name) => path.join(dir, name));
}
