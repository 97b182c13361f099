/** Folders of the program, each ending in a slash. */
export const resourcesDir = new URL('../../../resources/', import.meta.url);
export const workerFolder = new URL('../../worker/', import.meta.url);
