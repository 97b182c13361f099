import type { Page } from 'playwright-core';
import type { FilesToDrop } from './filesToDrop.ts';

/** One picture of the workbench. Another view is another entry. */
export interface PicturedView {
  /** the name of its files */
  name: string;
  title: string;
  /** what is to be seen, in a sentence */
  text: string;
  /** a data folder with runs, or one on the day of its first start */
  scene: 'full' | 'empty';
  /**
   * Shows it; the page may be anywhere. `go` opens an address behind the # and waits for its heading, `idOf` finds a run or a
   * study by its name.
   */
  open(
    page: Page,
    go: (address: string) => Promise<void>,
    idOf: (name: string) => string,
    files: FilesToDrop,
  ): Promise<void>;
}
