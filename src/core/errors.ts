/**
 * Every failure the user can meet has a code from this closed list and a sentence that says what happened, where,
 * and what to do about it.
 */
export const errorCodes = [
  'badUsage',
  'badConfig',
  'unknownOptimizer',
  'unknownModel',
  'unknownDataset',
  'unknownRun',
  'unknownDevice',
  'unknownFunction',
  'unknownStudy',
  'unknownRecipe',
  'ambiguousRun',
  'wrongState',
  'notFound',
  'conflict',
  'shapeMismatch',
  'deviceUnavailable',
  'deviceLost',
  'outOfMemory',
  'kernelMissing',
  'nonFiniteLoss',
  'workerCrashed',
  'workerUnresponsive',
  'workerStartFailed',
  'protocolMismatch',
  'malformedMessage',
  'disconnected',
  'cancelled',
  'dataDirNotWritable',
  'dataDirInUse',
  'databaseCorrupt',
  'databaseTooNew',
  'migrationFailed',
  'diskFull',
  'checkpointMissing',
  'checkpointCorrupt',
  'datasetCorrupt',
  'fileUnreadable',
  'fileNotWritable',
  'unknownFormat',
  'unsafeArchive',
  'fileChanged',
  'notAllowed',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** Facts about a failure that a program may want: field paths, run ids, file names, numbers. Plain JSON only. */
export type ErrorDetails = Record<string, string | number | boolean | null | string[]>;

/** What crosses a process boundary in place of an exception. */
export interface WireError {
  code: ErrorCode;
  message: string;
  details?: ErrorDetails;
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails | undefined;

  constructor(code: ErrorCode, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details;
  }
}

const knownCodes: ReadonlySet<string> = new Set(errorCodes);

function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && knownCodes.has(value);
}

/** Turns anything thrown into plain data. Errors that are not ours become `internal` and keep their message. */
export function toWire(error: unknown): WireError {
  if (error instanceof AppError) {
    return { code: error.code, message: error.message, ...(error.details ? { details: error.details } : {}) };
  }
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}

/** The inverse of `toWire`; an unknown code (from another version) reads as `internal`. */
export function fromWire(wire: { code: string; message: string; details?: ErrorDetails }): AppError {
  return new AppError(isErrorCode(wire.code) ? wire.code : 'internal', wire.message, { details: wire.details });
}

/** Narrows an unknown error to an AppError, wrapping what is foreign. */
export function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const wire = toWire(error);
  return new AppError(wire.code, wire.message, { cause: error });
}
