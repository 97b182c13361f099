import { join, resolve } from 'node:path';

const folderName = 'lp-workbench';

export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  homeDir: string;
}

/** The data folder: as asked, else LP_WORKBENCH_DATA_DIR, else where this platform keeps the data of applications. */
export function dataDirOf(asked: string | undefined, { env, platform, homeDir }: Surroundings): string {
  const named = asked ?? env['LP_WORKBENCH_DATA_DIR'];
  if (named) return resolve(named);
  switch (platform) {
    case 'win32':
      return join(env['APPDATA'] || join(homeDir, 'AppData', 'Roaming'), folderName);
    case 'darwin':
      return join(homeDir, 'Library', 'Application Support', folderName);
    default:
      return join(env['XDG_DATA_HOME'] || join(homeDir, '.local', 'share'), folderName);
  }
}
