import {
  applicationContract,
  type ApplicationInfo,
  type ApplicationService,
  type DiskUse,
} from '../../core/contract/application.ts';
import { implementContract } from './implementContract.ts';

export interface ApplicationServiceOptions {
  info: ApplicationInfo;
  /** Walks the data folder, which may take seconds for many checkpoints. */
  measureDiskUse: () => Promise<DiskUse>;
}

/** Facts about the program and its data folder. One measurement runs at a time and answers all who wait. */
export function createApplicationService({ info, measureDiskUse }: ApplicationServiceOptions): ApplicationService {
  let underWay: Promise<DiskUse> | undefined;
  return implementContract(applicationContract, {
    info: () => info,
    diskUse: () => {
      underWay ??= measureDiskUse().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
  });
}
