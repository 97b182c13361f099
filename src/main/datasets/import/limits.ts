/** What an import accepts before it refuses, so that no file can fill the disk or the memory. */
export interface ImportLimits {
  /** files in one archive or folder */
  maxEntries: number;
  /** bytes of one file inside an archive */
  maxEntryBytes: number;
  /** bytes that come out of a compressed file per byte that goes in, counted once `freeBytes` have come out */
  maxRatio: number;
  freeBytes: number;
  /** bytes of one row of text */
  maxRowBytes: number;
  maxColumns: number;
  /** pixels of one image */
  maxPixels: number;
  /** bytes of the file of one image */
  maxImageBytes: number;
  /** characters of one name in an archive */
  maxNameLength: number;
}

export const importLimits: ImportLimits = {
  maxEntries: 5_000_000,
  maxEntryBytes: 64 * 2 ** 30,
  maxRatio: 250,
  freeBytes: 256 * 2 ** 20,
  maxRowBytes: 32 * 2 ** 20,
  maxColumns: 100_000,
  maxPixels: 100_000_000,
  maxImageBytes: 256 * 2 ** 20,
  maxNameLength: 1_024,
};
