import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { asAppError, toWire, AppError, type ErrorCode } from '../../../core/errors.ts';
import { maxBatchBytes, maxBatchHeadBytes, type TransferState } from '../../../core/transfer/batch.ts';
import { receiveBatch } from './receiveBatch.ts';
import { topLevelPaths, type Transfer, type TransferFolders } from './transferFolders.ts';

/** The first part of the path of everything here. */
export const transfersPath = '/transfers';
const maxBodyBytes = 4 + maxBatchHeadBytes + maxBatchBytes;

/**
 * Files between a browser and the workbench. Who asks was checked before.
 *
 *     POST   /transfers           opens one                      -> TransferState
 *     POST   /transfers/ID        takes a batch of files         -> 204
 *     GET    /transfers/ID        tells what arrived, and keeps it from being given up -> TransferState
 *     GET    /transfers/ID/NAME   gives a file as a download; with ?once the transfer is removed when all of it is sent
 *     DELETE /transfers/ID        removes it                     -> 204
 *
 * A batch that fails or is broken off takes the whole transfer with it.
 */
export async function answerTransfer(
  request: IncomingMessage,
  response: ServerResponse,
  { pathname, searchParams }: URL,
  folders: TransferFolders,
): Promise<void> {
  try {
    const [, , id, name, ...more] = pathname.split('/');
    const method = request.method ?? '';
    if (more.length > 0) throw new AppError('notFound', 'There is nothing here.');
    if (id === undefined) {
      if (method !== 'POST') return refuseMethod(response);
      return sendState(response, 201, await folders.open());
    }
    if (name !== undefined) {
      if (method !== 'GET') return refuseMethod(response);
      await sendFile(response, folders.find(id), name);
      return searchParams.has('once') ? await folders.remove(id) : undefined;
    }
    if (method === 'GET') return await sendState(response, 200, folders.find(id));
    if (method === 'DELETE') {
      await folders.remove(id);
      return void response.writeHead(204).end();
    }
    if (method !== 'POST') return refuseMethod(response);
    await take(request, folders.find(id), folders);
    response.writeHead(204).end();
  } catch (error) {
    sendError(response, error);
  }
}

async function take(request: IncomingMessage, transfer: Transfer, folders: TransferFolders): Promise<void> {
  const bodyBytes = Number(request.headers['content-length'] ?? NaN);
  if (!Number.isSafeInteger(bodyBytes)) throw new AppError('badUsage', 'A batch says how long it is.');
  if (bodyBytes > maxBodyBytes) throw new AppError('notAllowed', `A batch has at most ${maxBodyBytes} bytes.`);
  if (transfer.isBusy) throw new AppError('conflict', 'The batches of an upload follow one another.');
  transfer.isBusy = true;
  const chunks = request[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    await receiveBatch(chunks, bodyBytes, transfer, folders);
  } catch (error) {
    await folders.remove(transfer.id);
    await readToEnd(chunks);
    throw error;
  } finally {
    transfer.isBusy = false;
  }
}

/** A browser that is still sending would not see the answer. */
async function readToEnd(chunks: AsyncIterator<Buffer>): Promise<void> {
  try {
    while (!(await chunks.next()).done);
  } catch {
    // it went away
  }
}

async function sendState(response: ServerResponse, status: number, transfer: Transfer): Promise<void> {
  const state: TransferState = { id: transfer.id, dir: transfer.dir, paths: await topLevelPaths(transfer) };
  sendJson(response, status, state);
}

/** A file that lies directly in the folder; links are not followed. */
async function sendFile(response: ServerResponse, transfer: Transfer, encodedName: string): Promise<void> {
  const nothing = new AppError('notFound', 'There is no such file.');
  let name: string;
  try {
    name = decodeURIComponent(encodedName);
  } catch {
    throw nothing;
  }
  if (name !== path.basename(name) || name.startsWith('.') || /[\\:\0]/.test(name)) throw nothing;
  const file = path.join(transfer.dir, name);
  const found = await lstat(file).catch(() => null);
  if (!found?.isFile()) throw nothing;
  transfer.isBusy = true;
  try {
    response.writeHead(200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': found.size,
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
      'Cache-Control': 'no-store',
    });
    await pipeline(createReadStream(file), response);
  } finally {
    transfer.isBusy = false;
  }
}

const statuses: Partial<Record<ErrorCode, number>> = {
  badUsage: 400,
  notFound: 404,
  conflict: 409,
  notAllowed: 413,
  diskFull: 507,
};

function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const wire = toWire(asAppError(error));
  sendJson(response, statuses[wire.code] ?? 500, { error: wire });
}

function refuseMethod(response: ServerResponse): void {
  sendJson(response, 405, { error: toWire(new AppError('badUsage', 'This is not done with a transfer.')) });
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(value));
}
