import path from 'node:path';

/** Where things lie in a data folder. */
export interface DataDirLayout {
  root: string;
  database: string;
  backup: string;
  previousBackup: string;
  ownerLock: string;
  ownerInfo: string;
  /** what the last examination of the devices found */
  devices: string;
  datasets: string;
  runs: string;
  /** weights of other programs that runs begin with */
  weights: string;
  /** files on their way between a browser and the workbench; emptied at every start */
  transfers: string;
}

export function dataDirLayout(dataDir: string): DataDirLayout {
  const root = path.resolve(dataDir);
  const at = (name: string): string => path.join(root, name);
  return {
    root,
    database: at('lp-workbench.db'),
    backup: at('lp-workbench.backup.db'),
    previousBackup: at('lp-workbench.backup-previous.db'),
    ownerLock: at('owner.db'),
    ownerInfo: at('owner.json'),
    devices: at('devices.json'),
    datasets: at('datasets'),
    runs: at('runs'),
    weights: at('weights'),
    transfers: at('transfers'),
  };
}
