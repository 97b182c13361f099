import {
  applicationContract,
  type ApplicationInfo,
  type ApplicationService,
  type DiskUse,
} from '../../core/contract/application.ts';
import { AppError } from '../../core/errors.ts';
import { implementContract } from './implementContract.ts';

/** Dialogs of the system over the window of the workbench. */
export interface SystemDialogs {
  /** absolute paths; none when the user changes their mind */
  chooseFiles(kind: 'files' | 'folder'): Promise<string[]>;
  chooseSaveFile(suggestedName: string): Promise<string | null>;
}

export interface ApplicationServiceOptions {
  info: ApplicationInfo;
  /** Walks the data folder, which may take seconds for many checkpoints. */
  measureDiskUse: () => Promise<DiskUse>;
  /** left out where there is no window */
  dialogs?: SystemDialogs | undefined;
}

/** Facts about the program and its data folder. One measurement runs at a time and answers all who wait. */
export function createApplicationService({
  info,
  measureDiskUse,
  dialogs,
}: ApplicationServiceOptions): ApplicationService {
  const shownDialogs = (): SystemDialogs => {
    if (dialogs) return dialogs;
    throw new AppError('notAllowed', 'This workbench has no window to show a dialog in: name the path instead.');
  };
  let underWay: Promise<DiskUse> | undefined;
  return implementContract(applicationContract, {
    info: () => info,
    diskUse: () => {
      underWay ??= measureDiskUse().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
    chooseFiles: async ({ kind }) => ({ paths: await shownDialogs().chooseFiles(kind) }),
    // a name, so that it cannot lead the user to a folder of somebody else's choice
    chooseSaveFile: async ({ suggestedName }) => ({
      path: await shownDialogs().chooseSaveFile(suggestedName.replaceAll(/[/\\:]/g, '_')),
    }),
  });
}
