import type { Port } from '../../src/core/rpc/port.ts';
import { processHost } from '../../src/main/cli/cliHost.ts';
import { openApp } from '../../src/main/cli/openWorkbench.ts';
import { serveWorkbench } from '../../src/main/rpc/serveWorkbench.ts';

/** A program that serves a workbench over the channel to its parent process and ends with it. */
const [dataDir = ''] = process.argv.slice(2);
const app = openApp({ ...processHost(), err: () => {} }, dataDir, {});
const port: Port = {
  send: (message) => void process.send?.(message),
  onMessage(listener) {
    process.on('message', listener);
    return () => void process.off('message', listener);
  },
  onClose(listener) {
    process.on('disconnect', listener);
    return () => void process.off('disconnect', listener);
  },
};
serveWorkbench(port, app, app.subscribe);
process.on('disconnect', () => void app.close());
