/**
 * The words by which the page in the Electron window and its preload script exchange a channel: the page posts
 * `portRequest` to itself, the preload script answers with `portAnswer` and a MessagePort.
 */
export const portRequest = 'lp-workbench:request-port';
export const portAnswer = 'lp-workbench:port';

/** Stands in the address of a page that is loaded because the one before it crashed. */
export const crashMark = 'afterCrash';
