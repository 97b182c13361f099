import type { WorkbenchClient } from '../../core/contract/workbench.ts';
import type { CliHost } from './cliHost.ts';
import type { FlagSpec } from './flags/flagSpec.ts';

/** What the commands need of the application over a data folder, opened here or by another program. */
export interface Workbench extends Pick<
  WorkbenchClient,
  'runs' | 'results' | 'reports' | 'transfers' | 'studies' | 'datasets'
> {
  subscribe: WorkbenchClient['on'];
  /** Rejects when the program that has the data folder goes away; never resolves. */
  lost: Promise<never>;
  /** Ends workers of this process at a checkpoint and closes the database, or only the connection to another program. */
  close(): Promise<void>;
}

export interface WorkbenchOptions {
  /** look only: starts no run and changes nothing, so it may be used while another program trains */
  readOnly?: boolean;
  /** the value of `--connect`, if it is given */
  connect?: string | undefined;
}

export const connectFlag: FlagSpec = {
  name: 'connect',
  kind: 'optionalText',
  placeholder: 'URL',
  description:
    'let the server that has the data folder do it (see serve), instead of opening the folder; with a URL, the server ' +
    'there, whose token is taken from LP_WORKBENCH_TOKEN',
  group: 'Every command',
};

/** Opens the data folder, or a connection, for as long as `use` takes. The database and the worker are loaded only now. */
export async function withWorkbench<Result>(
  host: CliHost,
  dataDir: string,
  options: WorkbenchOptions,
  use: (workbench: Workbench) => Promise<Result>,
): Promise<Result> {
  const workbench = await open(host, dataDir, options);
  try {
    return await use(workbench);
  } finally {
    await workbench.close();
  }
}

async function open(host: CliHost, dataDir: string, options: WorkbenchOptions): Promise<Workbench> {
  if (options.connect !== undefined) {
    const { connectWorkbench } = await import('./connectWorkbench.ts');
    return connectWorkbench(host, dataDir, options.connect);
  }
  const { openWorkbench } = await import('./openWorkbench.ts');
  return openWorkbench(host, dataDir, options);
}
