/** Ends a reading that was limited to the first rows. */
export class EnoughRows extends Error {}
