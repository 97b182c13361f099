import type { ImportProgress } from '../../../core/contract/datasetImport.ts';
import type { CliHost } from '../cliHost.ts';
import { formatDuration, formatPercent } from './formats.ts';

const plainIntervalMs = 5_000;

/** Tells the progress of an import on stderr: a line that is rewritten, or now and then a line for a log. */
export function createImportReporter(host: CliHost): { progress(progress: ImportProgress): void; end(): void } {
  let lastMs = host.nowMs();
  let isLineOpen = false;
  return {
    progress({ stage, share, rows, etaSeconds }) {
      const parts = [
        `${stage} ${formatPercent(share, 0)}`,
        ...(rows > 0 ? [`${rows.toLocaleString('en')} rows`] : []),
        ...(etaSeconds === null ? [] : [`ETA ${formatDuration(etaSeconds)}`]),
      ];
      const line = parts.join('  ');
      if (host.isInteractive) {
        host.err(`\r\u001B[2K${line.slice(0, host.width() - 1)}`);
        isLineOpen = true;
      } else if (host.nowMs() - lastMs >= plainIntervalMs) {
        lastMs = host.nowMs();
        host.err(`${line}\n`);
      }
    },
    end() {
      if (isLineOpen) host.err('\r\u001B[2K');
      isLineOpen = false;
    },
  };
}
