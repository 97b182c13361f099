/** What a probe process wrote, and how it ended if not well. */
export interface ProbeOutcome {
  stdout: string;
  /** "was ended by SIGSEGV", "did not answer within 20 seconds" */
  failure?: string;
}

/** Runs the probe program once, with a time limit after which it is killed. Never rejects. */
export type RunProbe = (args: readonly string[], timeoutMs: number) => Promise<ProbeOutcome>;

/** The lines of JSON among whatever else was printed. */
export function answersIn(stdout: string): unknown[] {
  return stdout.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    try {
      return [JSON.parse(line) as unknown];
    } catch {
      return [];
    }
  });
}

export const tookTooLong = (timeoutMs: number): string => `did not answer within ${timeoutMs / 1_000} seconds`;
