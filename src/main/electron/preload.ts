import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { portAnswer, portRequest } from '../../core/rpc/pageChannel.ts';

/** All that the page gets of the machine: where a dropped file lies, and a channel on which only the contract is spoken. */
contextBridge.exposeInMainWorld('lpWorkbench', {
  getPathForFile: (file: File): string => webUtils.getPathForFile(file),
});

window.addEventListener('message', ({ source, data }) => {
  if (source === window && data === portRequest) ipcRenderer.send(portRequest);
});
ipcRenderer.on(portAnswer, ({ ports }) => {
  window.postMessage(portAnswer, window.location.origin, [...ports]);
});
