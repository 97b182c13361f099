import { AppError } from '../../core/errors.ts';

export interface LaunchOptions {
  /** undefined: where the environment or the platform says */
  dataDir: string | undefined;
}

/**
 * Reads what the program was started with. Chromium and Electron have flags of their own on the same line, so unknown
 * ones are left to them. Throws AppError `badUsage`.
 */
export function launchOptions(argv: readonly string[]): LaunchOptions {
  const flag = '--data-dir';
  const attached = argv.findLast((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1);
  const at = argv.lastIndexOf(flag);
  const following = at === -1 ? undefined : (argv[at + 1] ?? '');
  const dataDir = attached ?? following;
  if (dataDir !== undefined && (dataDir === '' || dataDir.startsWith('--'))) {
    throw new AppError('badUsage', `${flag} needs a folder: ${flag} DIR.`);
  }
  return { dataDir };
}
