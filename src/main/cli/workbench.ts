import type { RunsEvents, RunsService } from '../../core/contract/runs.ts';
import type { Unsubscribe } from '../../core/contract/service.ts';
import type { CliHost } from './cliHost.ts';

/** What the commands need of the application over an open data folder. */
export interface Workbench {
  runs: RunsService;
  subscribe<Name extends keyof RunsEvents>(event: Name, listener: (payload: RunsEvents[Name]) => void): Unsubscribe;
  /** Ends workers at a checkpoint and closes the database. */
  close(): Promise<void>;
}

export interface WorkbenchOptions {
  /** look only: starts no run and changes nothing, so it may be used while another program trains */
  readOnly?: boolean;
}

/** Opens the data folder for as long as `use` takes. The database and the worker are loaded only now. */
export async function withWorkbench<Result>(
  host: CliHost,
  dataDir: string,
  options: WorkbenchOptions,
  use: (workbench: Workbench) => Promise<Result>,
): Promise<Result> {
  const { openWorkbench } = await import('./openWorkbench.ts');
  const workbench = openWorkbench(host, dataDir, options);
  try {
    return await use(workbench);
  } finally {
    await workbench.close();
  }
}
