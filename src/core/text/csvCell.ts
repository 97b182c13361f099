/**
 * A text as one cell of a CSV file (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe in
 * front, so that opening a file never runs what somebody wrote into a name.
 */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
