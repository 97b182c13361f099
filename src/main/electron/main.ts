import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { app, BrowserWindow, dialog, ipcMain, Menu, nativeTheme, Notification, session, shell } from 'electron';
import { needsPlainNode } from '../../core/contract/devices.ts';
import { asAppError } from '../../core/errors.ts';
import { createApp, type App } from '../app.ts';
import { examineDevices } from '../devices/examineDevices.ts';
import { createNodeProbe } from '../devices/runProbeInNode.ts';
import { createNodeLauncher } from '../process/launchNodeWorker.ts';
import { dataDirOf } from '../dataDir.ts';
import { serveWorkbench } from '../rpc/serveWorkbench.ts';
import { isSiteBuilt } from '../site/siteFile.ts';
import { asStorageError } from '../storage/storageErrors.ts';
import { hardenContents, hardenSession } from './hardening.ts';
import { launchOptions } from './launchOptions.ts';
import { createUtilityLauncher } from './launchUtilityWorker.ts';
import { openMainWindow, showView } from './mainWindow.ts';
import { buildMenu } from './menu.ts';
import { announceEnds } from './notifications.ts';
import { connectPages } from './pageConnections.ts';
import { plainNode } from './plainNode.ts';
import { createUtilityProbe } from './probeInUtility.ts';
import { printPdf } from './printPdf.ts';
import { createQuitting } from './quitting.ts';
import { declareSiteScheme, serveSite, siteAddress } from './siteProtocol.ts';
import { systemDialogs } from './systemDialogs.ts';
import { windowStateFile } from './windowState.ts';

const builtFolder = import.meta.dirname;
const siteDir = path.join(builtFolder, '../renderer');
const resourcesDir = path.join(app.getAppPath(), 'resources');
const say = (sentence: string): void => void process.stderr.write(`${sentence}\n`);

declareSiteScheme();
hardenContents(app);
// not awaited here: Electron becomes ready only after this module has run to its end
void start().catch(endWith);

/** Shows why the program cannot go on, and ends it. */
async function endWith(error: unknown): Promise<void> {
  const { message } = asAppError(error);
  say(`Error: ${message}`);
  await app.whenReady();
  const [parent] = BrowserWindow.getAllWindows();
  const box = { type: 'error', title: 'lp-workbench', message: 'lp-workbench cannot go on', detail: message } as const;
  await (parent ? dialog.showMessageBox(parent, box) : dialog.showMessageBox(box));
  app.exit(1);
}

async function start(): Promise<void> {
  const { dataDir: asked } = launchOptions(process.argv);
  const dataDir = dataDirOf(asked, { env: process.env, platform: process.platform, homeDir: homedir() });
  claimFolder(dataDir);
  // the lock belongs to the folder claimed above, so that other data folders may have windows of their own
  if (!app.requestSingleInstanceLock()) {
    say(`lp-workbench is open on ${dataDir} already; its window comes to the front.`);
    return app.exit(0);
  }
  await app.whenReady();
  hardenSession(session.defaultSession);
  serveSite(session.defaultSession, siteDir);
  if (!(await isSiteBuilt(siteDir))) {
    throw new Error(`The pages of the workbench are not built (${siteDir}): run "npm run build" first.`);
  }
  const stateFile = windowStateFile(dataDir);
  nativeTheme.themeSource = stateFile.read().theme;

  const opening = Promise.withResolvers<App>();
  connectPages(ipcMain, (port) => {
    opening.promise.then(
      (workbench) => serveWorkbench(port, workbench, workbench.subscribe),
      () => port.close(),
    );
  });
  const openWindow = (): BrowserWindow =>
    openMainWindow({
      preload: path.join(builtFolder, '../preload/index.cjs'),
      stateFile,
      onHopeless: () => void endWith(new Error('Its page ended unexpectedly several times within a minute.')),
    });
  const frontWindow = (): BrowserWindow => BrowserWindow.getAllWindows()[0] ?? load(openWindow());
  app.on('second-instance', () => showView(frontWindow(), currentRoute(frontWindow())));
  app.on('activate', () => void frontWindow());
  Menu.setApplicationMenu(
    buildMenu({
      go: (route) => showView(frontWindow(), route),
      openDataFolder: () => void shell.openPath(dataDir),
      isMac: process.platform === 'darwin',
    }),
  );

  // the database is opened after the first paint, because a large or an old one takes its time
  const window = openWindow();
  try {
    await window.loadURL(siteAddress);
  } catch (error) {
    if (window.isDestroyed()) return;
    throw error;
  }
  const workbench = openWorkbench(dataDir);
  opening.resolve(workbench);
  followSettings(workbench);
  notify(workbench, frontWindow);
  quitInOrder(workbench);
}

function load(window: BrowserWindow): BrowserWindow {
  window.loadURL(siteAddress).catch(() => undefined);
  return window;
}

const currentRoute = (window: BrowserWindow): string => new URL(window.webContents.getURL()).hash.slice(1);

/** Chromium keeps its own files there too, and with them the lock on which a second start gives way to the first. */
function claimFolder(dataDir: string): void {
  const folder = path.join(dataDir, 'electron');
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw asStorageError(error, dataDir);
  }
  app.setPath('userData', folder);
}

function openWorkbench(dataDir: string): App {
  const execPath = plainNode();
  const program = path.join(builtFolder, 'worker.js');
  const launchInUtility = createUtilityLauncher(program);
  const launchOnNode = createNodeLauncher({ program, execPath });
  const probeProgram = path.join(builtFolder, 'probe.js');
  const wasmDir = path.join(resourcesDir, 'wasm');
  const probeOnNode = createNodeProbe({ program: probeProgram, wasmDir, execPath });
  const probeInUtility = createUtilityProbe(probeProgram, wasmDir);
  return createApp({
    dataDir,
    resourcesDir,
    launchWorker: (device = '') => (needsPlainNode(device) ? launchOnNode : launchInUtility)(device),
    launchImport: createUtilityLauncher(path.join(builtFolder, 'import.js'), {
      serviceName: 'lp-workbench import',
      execArgv: [],
    }),
    launchModelTask: createUtilityLauncher(path.join(builtFolder, 'modelTask.js')),
    probeDevices: () => examineDevices({ probeFor: (id) => (needsPlainNode(id) ? probeOnNode : probeInUtility) }),
    remembersDevices: true,
    autoDevice: process.env['LP_WORKBENCH_DEVICE'],
    printPdf,
    nowMs: Date.now,
    randomFloat: Math.random,
    log: { info: say, warn: (text) => say(`Note: ${text}`), error: (text) => say(`Error: ${text}`) },
    softwareVersion: app.getVersion(),
    who: 'the lp-workbench window',
    startStoredQueue: true,
    shownBy: { host: 'electron', notice: null },
    dialogs: systemDialogs,
  });
}

function followSettings(workbench: App): void {
  nativeTheme.themeSource = workbench.currentSettings().theme;
  workbench.subscribe('settingsChanged', ({ theme }) => {
    nativeTheme.themeSource = theme;
  });
}

/** The page tells of the end of a run itself; the system does when the user looks elsewhere. */
function notify(workbench: App, frontWindow: () => BrowserWindow): void {
  announceEnds(workbench, ({ title, body, runId }) => {
    if (BrowserWindow.getFocusedWindow() || !Notification.isSupported()) return;
    const notification = new Notification({ title, body });
    notification.on('click', () => showView(frontWindow(), `/runs/${runId}`));
    notification.show();
  });
}

function quitInOrder(workbench: App): void {
  const quitting = createQuitting({
    workbench,
    ask: async (training) => {
      const box = {
        type: 'question',
        title: 'lp-workbench',
        message: training === 1 ? 'A run is training.' : `${training} runs are training.`,
        detail: 'Leaving pauses what trains at a checkpoint. It can be resumed later and loses nothing.',
        buttons: ['Pause and leave', 'Stay'],
        defaultId: 0,
        cancelId: 1,
        checkboxLabel: 'Do not ask again',
      } as const;
      const options = { ...box, buttons: [...box.buttons] };
      const [parent] = BrowserWindow.getAllWindows();
      const { response, checkboxChecked } = await (parent
        ? dialog.showMessageBox(parent, options)
        : dialog.showMessageBox(options));
      return { isWanted: response === 0, remember: checkboxChecked };
    },
    onPausing: () => {
      for (const window of BrowserWindow.getAllWindows()) {
        window.setTitle('lp-workbench: pausing runs at a checkpoint');
        window.setProgressBar(2);
      }
    },
    leave: () => app.quit(),
  });
  app.on('before-quit', (event) => {
    if (quitting.isDone()) return;
    event.preventDefault();
    void quitting.begin(true);
  });
  // elsewhere than on a Mac, closing the window is leaving the program, which may take a question first
  if (process.platform !== 'darwin') {
    const watch = (window: BrowserWindow): void =>
      void window.on('close', (event) => {
        if (quitting.isDone()) return;
        event.preventDefault();
        app.quit();
      });
    BrowserWindow.getAllWindows().forEach(watch);
    app.on('browser-window-created', (_event, window) => watch(window));
  } else {
    app.on('window-all-closed', () => undefined);
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void quitting.begin(false));
  }
}
