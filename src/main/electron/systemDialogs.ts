import { BrowserWindow, dialog, type OpenDialogOptions, type SaveDialogOptions } from 'electron';
import type { SystemDialogs } from '../services/applicationService.ts';

/** The system's own dialogs, over the window where there is one. */
export const systemDialogs: SystemDialogs = {
  async chooseFiles(kind) {
    const options: OpenDialogOptions = {
      properties: kind === 'folder' ? ['openDirectory'] : ['openFile', 'multiSelections'],
    };
    const [parent] = BrowserWindow.getAllWindows();
    const { canceled, filePaths } = await (parent
      ? dialog.showOpenDialog(parent, options)
      : dialog.showOpenDialog(options));
    return canceled ? [] : filePaths;
  },
  async chooseSaveFile(suggestedName) {
    const options: SaveDialogOptions = { defaultPath: suggestedName };
    const [parent] = BrowserWindow.getAllWindows();
    const { canceled, filePath } = await (parent
      ? dialog.showSaveDialog(parent, options)
      : dialog.showSaveDialog(options));
    return canceled || !filePath ? null : filePath;
  },
};
