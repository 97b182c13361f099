import { fileURLToPath } from 'node:url';
import { createApp, type App, type AppOptions } from '../app.ts';
import { createNodeLauncher } from '../process/launchNodeWorker.ts';
import { printWithChromium } from '../reports/printWithChromium.ts';
import type { CliHost } from './cliHost.ts';
import { importProgram, probeDevices, resourcesDir, workerFolder } from './places.ts';
import { softwareVersion } from './softwareVersion.ts';
import type { Workbench, WorkbenchOptions } from './workbench.ts';

type AppChoices = Partial<Pick<AppOptions, 'readOnly' | 'startStoredQueue' | 'shownBy' | 'who'>>;

export function openApp(host: CliHost, dataDir: string, choices: AppChoices): App {
  const line = (text: string): void => host.err(`${text}\n`);
  return createApp({
    dataDir,
    resourcesDir: fileURLToPath(resourcesDir),
    launchWorker: createNodeLauncher({
      program: fileURLToPath(new URL('host/main.ts', workerFolder)),
      execPath: process.execPath,
    }),
    launchImport: createNodeLauncher({
      program: fileURLToPath(importProgram),
      execPath: process.execPath,
      execArgv: [],
    }),
    launchModelTask: createNodeLauncher({
      program: fileURLToPath(new URL('host/modelTask.ts', workerFolder)),
      execPath: process.execPath,
    }),
    probeDevices,
    remembersDevices: true,
    autoDevice: host.env['LP_WORKBENCH_DEVICE'],
    printPdf: (html, file) => printWithChromium(html, file, { env: host.env, platform: host.platform }),
    nowMs: Date.now,
    randomFloat: Math.random,
    log: { info: line, warn: (text) => line(`Note: ${text}`), error: (text) => line(`Error: ${text}`) },
    softwareVersion,
    who: 'the lp-workbench command line',
    ...choices,
  });
}

/** Opens the application for the time of one command. */
export function openWorkbench(host: CliHost, dataDir: string, { readOnly = false }: WorkbenchOptions): Workbench {
  return { ...openApp(host, dataDir, { readOnly }), lost: new Promise(() => undefined) };
}
