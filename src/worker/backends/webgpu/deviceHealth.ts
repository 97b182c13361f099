import { AppError } from '../../../core/errors.ts';

/** What went wrong on a graphics processor, which no call throws: it is told beside the calls. */
export interface DeviceHealth {
  /** resolves when the device is gone for good */
  lost: Promise<AppError>;
  /** the first thing that went wrong, or undefined */
  failure(): AppError | undefined;
  close(): void;
}

export function watchDevice(device: GPUDevice, name: string): DeviceHealth {
  let failure: AppError | undefined;
  let isClosed = false;
  const lost = device.lost.then(async ({ message }): Promise<AppError> => {
    // a device that this program closes is not lost
    if (isClosed) return new Promise<never>(() => {});
    const why = message.trim() === '' ? '' : ` (${message.trim().split('\n')[0]})`;
    failure ??= new AppError(
      'deviceLost',
      `The graphics processor "${name}" stopped working for this run${why}. Often its driver was reset or updated, or ` +
        'its memory ran out. Resume the run to continue from its last checkpoint.',
    );
    return failure;
  });
  const listener = (event: Event): void => {
    const { error } = event as GPUUncapturedErrorEvent;
    failure ??= asFailure(error, name);
  };
  device.addEventListener('uncapturederror', listener);
  return {
    lost,
    failure: () => failure,
    close() {
      isClosed = true;
      device.removeEventListener('uncapturederror', listener);
    },
  };
}

function asFailure(error: GPUError, name: string): AppError {
  const said = error.message.trim().split('\n')[0] ?? '';
  return error.constructor.name === 'GPUOutOfMemoryError' || /out of memory/i.test(said)
    ? outOfMemory(`The memory of the graphics processor "${name}" ran out (${said})`)
    : new AppError('internal', `The graphics processor "${name}" refused a computation: ${said}`);
}

export function outOfMemory(what: string): AppError {
  return new AppError('outOfMemory', `${what}. Use a smaller batch or a smaller model.`);
}
